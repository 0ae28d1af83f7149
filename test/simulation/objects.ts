import type { Settings } from "../../worker/counting/app-settings.ts";
import type { Env } from "../../worker/env.ts";
import { Directory } from "../../worker/objects/directory.ts";
import { Gate } from "../../worker/objects/gate.ts";
import { Rollup } from "../../worker/objects/rollup.ts";
import { Shard } from "../../worker/objects/shard.ts";
import { Disk } from "./disk.ts";
import { secret } from "./keys.ts";
import { contextOf, type HeldSockets } from "./object-context.ts";
import type { ServerSocket } from "./sockets.ts";
import type { Faults } from "./weather.ts";
import type { Actor, World } from "./world.ts";

type Method = (...args: unknown[]) => unknown;

const classes = { Shard, Rollup, Gate, Directory } as const;
type Kind = keyof typeof classes;

/** An object that has nothing to do hibernates after this time. */
const hibernationMs = 10_000;

interface Running {
  actor: Actor;
  /** Null until the first call constructs it. */
  object: Record<string, Method> | null;
  /** Resolves once calls are let in. */
  isOpen: Promise<void>;
  /** How to tell those who wait for an answer that none will come. */
  pending: Set<(error: Error) => void>;
  /** When it last had anything to do. */
  busyAt: number;
}

/** A failure of the platform's, such as its callers may try again. */
function platformError(message: string): Error {
  return Object.assign(new Error(message), { retryable: true });
}

/**
 * The platform as Durable Objects see it: the very classes of the service, each on a disk of its own, constructed when they are
 * called, lost when they crash, with output gates (nothing leaves an object before what it wrote is durable).
 */
export class Objects {
  readonly env: Env;
  readonly #world: World;
  readonly #faults: Faults;
  readonly #disks = new Map<string, Disk>();
  readonly #running = new Map<string, Running>();
  readonly #held = new Map<string, HeldSockets>();
  #starts = 0;
  /** Is told of each object that lets go of its memory, and whether it was behind with its work. */
  onEnd: (name: string, isCrash: boolean, isBehind: boolean) => void = () => {};

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.#faults = faults;
    const namespace = (kind: Kind) => ({
      getByName: (name: string) =>
        new Proxy(
          {},
          {
            get:
              (_, method) =>
              (...args: unknown[]) =>
                this.#call(`${kind}/${name}`, String(method), args),
          },
        ),
    });
    this.env = {
      SHARDS: namespace("Shard"),
      ROLLUPS: namespace("Rollup"),
      GATES: namespace("Gate"),
      DIRECTORY: namespace("Directory"),
      HEADCOUNT_SECRET: secret,
      COMMIT_WINDOW_MS: world.pick(["20", "200", "1000"]),
    } as unknown as Env;
  }

  /** Names of all objects that have a disk. */
  names(): string[] {
    return [...this.#disks.keys()];
  }

  disk(name: string): Disk {
    let disk = this.#disks.get(name);
    if (disk === undefined) {
      disk = new Disk(name, this.#world, this.#faults.disk);
      disk.ring = () => this.#ring(name);
      this.#disks.set(name, disk);
    }
    return disk;
  }

  /** The disk of the app's roll-up. */
  rollup(): Disk {
    const name = this.names().find((each) => each.startsWith("Rollup/"));
    if (name === undefined) throw new Error("there is no roll-up");
    return this.disk(name);
  }

  /** The apps that the directory lists. */
  listed(): string[] {
    const name = this.names().find((each) => each.startsWith("Directory/"));
    return name === undefined
      ? []
      : this.disk(name)
          .look("SELECT name FROM app")
          .map((row) => String(row["name"]));
  }

  /** The settings that are stored. */
  settings(): Settings {
    const [row] = this.rollup().look("SELECT value FROM meta WHERE name = 'settings'");
    return JSON.parse(String(row?.["value"])) as Settings;
  }

  close(): void {
    for (const disk of this.#disks.values()) disk.close();
  }

  /** The object is gone at once, with what it had not made durable. */
  crash(name: string): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#world.note(`crash ${name}`);
    this.#end(name, running, true);
    this.#disks.get(name)?.crash();
    const { sockets } = this.#heldBy(name);
    for (const socket of sockets) socket.lose();
    sockets.clear();
  }

  /** The object is let go if nobody waits for it. Its sockets stay. */
  evict(name: string): void {
    const running = this.#running.get(name);
    if (running === undefined || running.pending.size > 0) return;
    if (name.startsWith("Gate/") && this.#world.now - running.busyAt < hibernationMs) return;
    this.#world.note(`evict ${name}`);
    void this.disk(name).flushed();
    this.#end(name, running, false);
    for (const socket of this.#heldBy(name).sockets) socket.hibernate();
  }

  #end(name: string, { actor, pending }: Running, isCrash: boolean): void {
    this.onEnd(name, isCrash, isCrash || this.#world.troubled.delete(name));
    actor.isAlive = false;
    this.#running.delete(name);
    for (const fail of pending) fail(platformError("the object was reset"));
  }

  async #call(name: string, method: string, args: unknown[]): Promise<unknown> {
    const world = this.#world;
    const { network } = this.#faults;
    const caller = world.actor;
    await this.#disks.get(caller.name)?.flushed();
    // Requests and answers of `fetch` are streams, and sockets are handles: they are passed on as they are.
    const sent = method === "fetch" ? args : args.map(copyOf);
    const latency = () => (world.chance(network.slow) ? world.between(500, 8000) : world.between(1, 15));
    return new Promise((resolve, reject) => {
      const fail = (error: Error, delayMs = latency()) =>
        void world.after(delayMs, () => reject(error), caller);
      if (world.chance(network.lostRequest)) {
        world.note(`lost ${name}.${method}`);
        // Or not lost but late: it arrives when nobody waits for it any more.
        if (world.chance(0.5)) {
          world.soon(world.between(1000, 9000), () => void this.#perform(name, method, sent, () => {}));
        }
        fail(platformError("network connection lost"), 1000);
        return;
      }
      const arrive = async () => {
        const outcome = await this.#perform(name, method, sent, fail);
        if (world.chance(network.lostAnswer)) {
          world.note(`lost answer of ${name}.${method}`);
          fail(platformError("network connection lost"), 1000);
        } else if ("error" in outcome) fail(outcome.error);
        else world.after(latency(), () => resolve(outcome.value), caller);
      };
      world.soon(latency(), () => void arrive());
    });
  }

  /** What came of a call. It never comes when the object is lost meanwhile, which `fail` is told. */
  #perform(
    name: string,
    method: string,
    args: unknown[],
    fail: (error: Error) => void,
  ): Promise<{ value: unknown } | { error: Error }> {
    const disk = this.disk(name);
    const running = this.#wake(name);
    running.pending.add(fail);
    return new Promise((resolve) => {
      const work = async () => {
        try {
          await this.#open(name, running);
          if (method === "webSocketMessage") (args[0] as ServerSocket).watcher?.judged(Date.now());
          const value = await running.object?.[method]?.(...args);
          await disk.flushed();
          resolve({ value: value instanceof Response ? value : copyOf(value) });
        } catch (error) {
          resolve({ error: error as Error });
        } finally {
          running.pending.delete(fail);
          running.busyAt = this.#world.now;
        }
      };
      this.#world.after(0, () => void work(), running.actor);
    });
  }

  #wake(name: string): Running {
    // Gates have little to do for most of the time.
    if (name.startsWith("Gate/") && this.#running.has(name) && this.#world.chance(0.5)) this.evict(name);
    let running = this.#running.get(name);
    if (running === undefined) {
      const actor = { name, skewMs: this.#world.between(-50, 50), isAlive: true };
      running = { actor, object: null, isOpen: Promise.resolve(), pending: new Set(), busyAt: 0 };
      this.#running.set(name, running);
    }
    return running;
  }

  async #open(name: string, running: Running): Promise<void> {
    if (running.object === null) {
      const [kind = "", id = ""] = name.split("/");
      const blockConcurrencyWhile = (work: () => Promise<void>) => {
        running.isOpen = work();
        return running.isOpen;
      };
      const disk = this.disk(name);
      const ctx = contextOf(id, disk, running.actor, this.#heldBy(name), blockConcurrencyWhile);
      const Class = classes[kind as Kind] as unknown as new (ctx: unknown, env: object) => object;
      // Each has memory of its own, as where every object runs in another isolate.
      const env = { ...this.env, START: String(++this.#starts) };
      try {
        running.object = new Class(ctx, env) as Record<string, Method>;
      } catch (error) {
        this.crash(name);
        throw error;
      }
    }
    try {
      await running.isOpen;
    } catch {
      this.crash(name);
      throw platformError("the object could not begin");
    }
  }

  async #ring(name: string): Promise<boolean> {
    this.#world.note(`alarm ${name}`);
    const outcome = await this.#perform(name, "alarm", [], () => {});
    return "value" in outcome;
  }

  #heldBy(name: string): HeldSockets {
    let held = this.#held.get(name);
    if (held === undefined) {
      const side = {
        gate: name,
        receive: (socket: ServerSocket, text: string) => this.#receive(name, socket, text),
        hearClose: (socket: ServerSocket, code: number, reason: string) =>
          void this.#hearClose(name, socket, code, reason),
        flushed: () => this.disk(name).flushed(),
      };
      const sockets = new Set<ServerSocket>();
      held = { side, sockets, autoResponse: null };
      this.#held.set(name, held);
    }
    return held;
  }

  async #hearClose(name: string, socket: ServerSocket, code: number, reason: string): Promise<void> {
    const asked = [socket, code, reason, code !== 1006];
    const outcome = await this.#perform(name, "webSocketClose", asked, () => {});
    this.#heldBy(name).sockets.delete(socket);
    socket.onGoodbye("value" in outcome);
  }

  /** Pings are answered without waking the object. */
  #receive(name: string, socket: ServerSocket, text: string): void {
    const { autoResponse } = this.#heldBy(name);
    if (text !== autoResponse?.request) {
      void this.#perform(name, "webSocketMessage", [socket, text], () => {});
      return;
    }
    socket.lastPingAt = this.#world.now;
    socket.watcher?.pinged(this.#world.now);
    socket.send(autoResponse.response);
  }
}

/** What arrives of a value at the other end of a call. */
function copyOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}
