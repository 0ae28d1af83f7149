import { createHash, type Hash } from "node:crypto";
import { subtle } from "./crypto.ts";

/** Something that acts in the world: a device, a Worker, an object. Once it is dead nothing of it happens any more. */
export interface Actor {
  readonly name: string;
  /** Milliseconds by which its clock is wrong. */
  skewMs: number;
  isAlive: boolean;
}

interface Happening {
  at: number;
  order: number;
  actor: Actor;
  happen: () => void;
}

/** So much never happens in one instant: what does is a circle that would go on for ever. */
const maxAtOnce = 10_000;

const drain = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * One seeded scheduler: all that takes time waits in its queue, all that is drawn comes from its generator, and clocks
 * show its time. The same seed gives the same history, which `trace` sums up.
 */
export class World {
  now = Date.parse("2026-11-20T10:00:30Z");
  readonly #nature: Actor = { name: "nature", skewMs: 0, isAlive: true };
  #actor: Actor = this.#nature;
  #queue: Happening[] = [];
  #order = 0;
  #atOnce = 0;
  #state: number;
  readonly #digest: Hash = createHash("sha256");
  /** The last of what happened, in words. */
  readonly trace: string[] = [];
  /** What went wrong in ways that must not be, in words. */
  readonly mishaps: string[] = [];
  /** The names of those who have logged a failure. */
  readonly troubled = new Set<string>();
  /** Happenings so far. */
  steps = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Who acts at the moment. */
  get actor(): Actor {
    return this.#actor;
  }

  /** A number from 0 to before 1 (mulberry32). */
  readonly random = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(from: number, to: number): number {
    return Math.floor(from + this.random() * (to - from));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length)] as Item;
  }

  /** Has something happen to an actor after a time. Returns a way to call it off. */
  after(delayMs: number, happen: () => void, actor: Actor = this.#actor): () => void {
    const happening = { at: this.now + Math.max(0, Math.ceil(delayMs)), order: this.#order++, actor, happen };
    // Kept in order by insertion from the back: most of what is added is due late.
    let index = this.#queue.length;
    while (index > 0 && isAfter(this.#queue[index - 1] as Happening, happening)) index--;
    this.#queue.splice(index, 0, happening);
    return () => {
      const at = this.#queue.indexOf(happening);
      if (at >= 0) this.#queue.splice(at, 1);
    };
  }

  /** Something by nobody in particular. */
  soon(delayMs: number, happen: () => void): void {
    this.after(delayMs, happen, this.#nature);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  note(words: string): void {
    const line = `${((this.now - Date.parse("2026-11-20T10:00:00Z")) / 1000).toFixed(3)} ${words}`;
    this.#digest.update(`${line}\n`);
    this.trace.push(line);
    if (this.trace.length > 400) this.trace.shift();
  }

  /** A digest of all that was noted. */
  fingerprint(): string {
    return this.#digest.copy().digest("hex");
  }

  /** Lets everything happen that is due until `end`, or until `isDone`. */
  async run(end: number, isDone: () => boolean = () => false): Promise<void> {
    for (;;) {
      const [next] = this.#queue;
      if (next === undefined || next.at > end || isDone()) break;
      this.#queue.shift();
      this.#atOnce = next.at === this.now ? this.#atOnce + 1 : 0;
      if (this.#atOnce > maxAtOnce) {
        this.mishaps.push(`time stands still for ${next.actor.name}`);
        this.#queue = [];
        break;
      }
      this.now = next.at;
      if (!next.actor.isAlive) continue;
      this.steps++;
      this.#actor = next.actor;
      next.happen();
      // All that follows from it without waiting is done by the same actor.
      await drain();
      this.#actor = this.#nature;
    }
    if (!isDone()) this.now = Math.max(this.now, end);
  }

  /**
   * Puts the world's clock, timers and chance in the place of the real ones while `live` runs.
   *
   * @param classes of the runtime's, to be global besides
   */
  async inhabit<Result>(classes: object, live: () => Promise<Result>): Promise<Result> {
    const real = {
      Date: globalThis.Date,
      setTimeout: globalThis.setTimeout,
      clearTimeout: globalThis.clearTimeout,
      Response: globalThis.Response,
      random: Math.random,
      error: console.error,
      getRandomValues: crypto.getRandomValues.bind(crypto),
      subtle: crypto.subtle,
    };
    const clock = () => this.now + this.#actor.skewMs;
    class WorldDate extends real.Date {
      constructor(...parts: [] | [number | string | Date]) {
        super(...((parts.length === 0 ? [clock()] : parts) as [number]));
      }
      static override now(): number {
        return clock();
      }
    }
    const timers = new Map<number, () => void>();
    let timer = 0;
    Object.assign(globalThis, {
      ...classes,
      Date: WorldDate,
      setTimeout: (happen: () => void, delayMs = 0) => {
        timers.set(++timer, this.after(delayMs, happen));
        return timer;
      },
      clearTimeout: (which: number) => timers.get(which)?.(),
    });
    Math.random = this.random;
    crypto.getRandomValues = (array) => {
      const bytes = new Uint8Array((array as Uint8Array).buffer);
      for (let index = 0; index < bytes.length; index++) bytes[index] = this.between(0, 256);
      return array;
    };
    Object.defineProperty(crypto, "subtle", { value: subtle, configurable: true });
    // What the service logs of failures is part of the history, and noise on a terminal.
    console.error = (...words: unknown[]) => {
      this.note(`log ${words.join(" ")}`);
      this.troubled.add(this.#actor.name);
    };
    try {
      return await live();
    } finally {
      const { random, error, getRandomValues, subtle: realSubtle, ...globals } = real;
      Object.defineProperty(crypto, "subtle", { value: realSubtle, configurable: true });
      Object.assign(globalThis, globals);
      Math.random = random;
      console.error = error;
      crypto.getRandomValues = getRandomValues;
    }
  }
}

function isAfter(a: Happening, b: Happening): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order);
}
