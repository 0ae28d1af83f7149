import type { Edge } from "./edge.ts";
import type { World } from "./world.ts";

/** What a server of the app, or its owner, tries until it is acknowledged. */
export class Attempts {
  readonly #world: World;
  readonly #edges: readonly Edge[];
  /** What is not acknowledged yet. */
  underWay = 0;

  constructor(world: World, edges: readonly Edge[]) {
    this.#world = world;
    this.#edges = edges;
  }

  until(change: (edge: Edge) => Promise<void>, done: () => void = () => {}): void {
    const world = this.#world;
    this.underWay++;
    const attempt = () => {
      const edge = world.pick(this.#edges);
      let isSettled = false;
      const again = () => {
        if (isSettled) return;
        isSettled = true;
        world.soon(world.between(500, 5000), attempt);
      };
      // An edge that dies answers nobody: then it is tried again after a while.
      world.soon(60_000, again);
      const work = async () => {
        try {
          await change(edge);
        } catch {
          again();
          return;
        }
        if (isSettled) return;
        isSettled = true;
        this.underWay--;
        done();
      };
      world.after(0, () => void work(), edge.actor);
    };
    attempt();
  }

  /** Resolves once all is acknowledged, or after five minutes. Returns whether it is. */
  async settle(): Promise<boolean> {
    await this.#world.run(this.#world.now + 5 * 60_000, () => this.underWay === 0);
    return this.underWay === 0;
  }
}
