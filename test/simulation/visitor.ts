import { pingIntervalMs, pingText, slotMs } from "../../sdk/wire.ts";
import type { Edge } from "./edge.ts";
import type { Ledger } from "./ledger.ts";
import { SocketWatch } from "./socket-watch.ts";
import type { ClientSocket } from "./sockets.ts";
import type { Actor, World } from "./world.ts";

interface Connection {
  socket: ClientSocket;
  watch: SocketWatch;
  gate: string;
}

/** Somebody with a page that holds a socket: pings while it is shown, is silent while it is hidden, connects again. */
export class Visitor {
  readonly #world: World;
  readonly #edges: readonly Edge[];
  readonly #ledger: Ledger;
  readonly #actor: Actor;
  readonly #connections: Connection[] = [];
  #open: Connection | null = null;
  #isWanted = false;
  #isShown = true;
  #stopPings = () => {};

  constructor(name: string, world: World, edges: readonly Edge[], ledger: Ledger) {
    this.#world = world;
    this.#edges = edges;
    this.#ledger = ledger;
    this.#actor = { name, skewMs: 0, isAlive: true };
  }

  get isHere(): boolean {
    return this.#isWanted;
  }

  /** Comes, or comes back as somebody else. */
  come(who: { user: string } | { anonymous: string }): void {
    this.leave();
    this.#isWanted = true;
    this.#isShown = true;
    this.#connect(who);
  }

  show(isShown: boolean): void {
    this.#isShown = isShown;
  }

  leave(): void {
    this.#isWanted = false;
    this.#stopPings();
    if (this.#open === null) return;
    const { socket, watch } = this.#open;
    this.#open = null;
    if (!socket.isOpen) return;
    socket.server.onGoodbye = (isHeard) => watch.saidGoodbye(isHeard);
    socket.close(1000);
  }

  /** The network goes without a word. */
  vanish(): void {
    this.#isWanted = false;
    this.#stopPings();
    if (this.#open === null) return;
    const { socket, watch } = this.#open;
    this.#open = null;
    // The gate may hear of it by itself.
    socket.server.onGoodbye = (isHeard) => watch.saidGoodbye(isHeard);
    socket.drop();
  }

  gateEnded(gate: string, isCrash: boolean, isBehind: boolean): void {
    for (const each of this.#connections) if (each.gate === gate) each.watch.gateEnded(isCrash, isBehind);
  }

  settle(isExact: boolean, hasLostAlarms: boolean): void {
    for (const { watch } of this.#connections) watch.settle(isExact, hasLostAlarms);
  }

  #connect(who: { user: string } | { anonymous: string }): void {
    const world = this.#world;
    const edge = world.pick(this.#edges);
    const again = () =>
      void world.after(
        world.between(1000, 20_000),
        () => {
          if (this.#isWanted && this.#open === null) this.#connect(who);
        },
        this.#actor,
      );
    const arrive = async () => {
      const socket = await edge.live();
      if (socket === null) return again();
      const name = socket.server.gate;
      if (!this.#isWanted || this.#open !== null) return socket.drop();
      const watch = new SocketWatch(world, this.#ledger, who);
      const connection = { socket, watch, gate: name };
      this.#connections.push(connection);
      this.#open = connection;
      const onClose = () => {
        if (this.#open !== connection) return;
        this.#open = null;
        this.#stopPings();
        again();
      };
      socket.connect(watch, () => {}, onClose);
      if (!socket.isOpen) return;
      socket.send(edge.firstMessage(who, { platform: "web" }));
      this.#ping(connection);
    };
    world.after(0, () => void arrive(), edge.actor);
  }

  #ping(connection: Connection): void {
    const world = this.#world;
    this.#stopPings = world.after(
      pingIntervalMs,
      () => {
        if (this.#open !== connection) return;
        if (this.#isShown) connection.socket.send(pingText);
        this.#ping(connection);
      },
      this.#actor,
    );
  }
}

/** How long somebody hides who is to miss a slot. */
export const missedMs = slotMs + 60_000;
