import { joined } from "../counting/gathered-parts.ts";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import { maxLoadEntries, outboxMs } from "../limits.ts";
import { isSettledWithin } from "../settled-within.ts";

/** Hands parts to a shard, from the request that calls it; resolves once they are durable. */
type Call = (parts: ActivityPart[]) => Promise<unknown>;

/** What one call is going to carry. */
interface Load {
  lots: (readonly ActivityPart[])[];
  entries: number;
  /** Settles as the call does. */
  called: Promise<unknown>;
}

/**
 * Lets the requests of one isolate that have something for the same shard share a call: what comes while one is under way
 * goes together with the next, and what comes while one is gathered goes with that.
 *
 * A stub belongs to the request that made it, so each call is made by one of the requests whose activity it carries, the
 * first, which is kept alive until the call has settled even if its client has gone. The others wait for that. If it fails,
 * they share another one, and after `outboxMs.follow` each makes its own: recording twice changes nothing.
 */
export class Outbox {
  readonly #gatherMs: number;
  #next: Load | null = null;
  #underWay: Promise<unknown> | null = null;

  /** @param gatherMs how long a call waits for others to share it; with 0, alone nobody waits */
  constructor(gatherMs: number) {
    this.#gatherMs = gatherMs;
  }

  /**
   * Resolves once the parts are durable; rejects as the call did.
   *
   * @param keepAlive keeps the request that calls this alive until a promise has settled
   */
  async send(
    parts: readonly ActivityPart[],
    call: Call,
    keepAlive: (work: Promise<unknown>) => void,
    isSecondTry = false,
  ): Promise<void> {
    const load = this.#next;
    if (load === null || load.entries >= maxLoadEntries) return this.#lead(parts, call, keepAlive);
    join(load, parts);
    try {
      if (await isSettledWithin(load.called, this.#gatherMs + outboxMs.follow)) return;
    } catch (error) {
      if (isSecondTry) throw error;
      return this.send(parts, call, keepAlive, true);
    }
    await call([...parts]);
  }

  async #lead(
    parts: readonly ActivityPart[],
    call: Call,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<void> {
    const load: Load = { lots: [], entries: 0, called: Promise.resolve() };
    join(load, parts);
    this.#next = load;
    load.called = this.#callWith(load, call);
    keepAlive(load.called.catch(() => {}));
    await load.called;
  }

  async #callWith(load: Load, call: Call): Promise<void> {
    const before = this.#underWay;
    if (this.#gatherMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#gatherMs));
    // Whatever became of it: those who wait for it learn that from it.
    if (before !== null) await isSettledWithin(before, outboxMs.lead).catch(() => {});
    if (this.#next === load) this.#next = null;
    const called = call(joined(load.lots));
    this.#underWay = called;
    try {
      await called;
    } finally {
      if (this.#underWay === called) this.#underWay = null;
    }
  }
}

function join(load: Load, parts: readonly ActivityPart[]): void {
  load.lots.push(parts);
  for (const { entries } of parts) load.entries += entries.length;
}
