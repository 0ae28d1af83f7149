import type { Edge } from "./edge.ts";
import type { NetworkFaults } from "./weather.ts";
import type { World } from "./world.ts";

/** The network between clients and the edge: it loses, doubles and delays requests, and loses answers. */
export class ClientNetwork {
  readonly #world: World;
  readonly #edges: readonly Edge[];
  readonly #faults: NetworkFaults;

  constructor(world: World, edges: readonly Edge[], faults: NetworkFaults) {
    this.#world = world;
    this.#edges = edges;
    this.#faults = faults;
  }

  /**
   * Sends a request to one of the edges, and resolves with the answer for whoever acts now.
   *
   * @param isOnline asked as the request leaves and as the answer comes
   */
  send(
    isOnline: () => boolean,
    carryOut: (edge: Edge) => Promise<Response>,
    mayComeTwice = true,
  ): Promise<Response> {
    const world = this.#world;
    const { lostAnswer, lostRequest, slow } = this.#faults;
    const client = world.actor;
    const latency = () => (world.chance(slow) ? world.between(1000, 30_000) : world.between(5, 200));
    return new Promise((resolve, reject) => {
      const fail = () =>
        void world.after(world.between(10, 5000), () => reject(new TypeError("network")), client);
      if (!isOnline() || world.chance(lostRequest)) return fail();
      const arrivals = mayComeTwice && world.chance(0.05) ? 2 : 1;
      for (let copy = 0; copy < arrivals; copy++) {
        const edge = world.pick(this.#edges);
        const arrive = async () => {
          const response = await carryOut(edge);
          world.note(`${client.name} answered ${response.status}`);
          if (copy > 0) return;
          if (!isOnline() || world.chance(lostAnswer)) fail();
          else world.after(latency(), () => resolve(response), client);
        };
        world.soon(latency(), () => world.after(0, () => void arrive(), edge.actor));
      }
    });
  }
}
