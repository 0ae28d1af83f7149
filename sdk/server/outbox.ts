import { type Beat, slotMs } from "../wire.ts";

/** A beat that waits to be sent. */
export interface Waiting {
  beat: Beat;
  touchedAt: number;
}

/** What waits to be sent, each user once a slot, in bounded memory: the oldest go first. */
export class Outbox {
  readonly #limit: number;
  #waiting = new Map<string, Waiting>();
  /** Beats that had to go since `takeDropped()`. */
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @param key the same for beats that say the same */
  add(key: string, waiting: Waiting): void {
    this.#waiting.set(key, waiting);
    this.#trim();
  }

  /** Takes out the oldest. */
  take(most: number): [string, Waiting][] {
    const taken: [string, Waiting][] = [];
    for (const entry of this.#waiting) {
      if (taken.length === most) break;
      taken.push(entry);
      this.#waiting.delete(entry[0]);
    }
    return taken;
  }

  /** What was taken and could not be sent waits again, before all others. */
  putBack(taken: [string, Waiting][]): void {
    this.#waiting = new Map([...taken, ...this.#waiting]);
    this.#trim();
  }

  /** How many have been dropped since this was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #trim(): void {
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= this.#limit) return;
      this.#waiting.delete(oldest);
      this.#dropped++;
    }
  }
}

/**
 * NDJSON, so that neither the size of a batch nor one bad beat matters to the others. The service's clock is better
 * than this one, so a beat of the running slot says no time.
 */
export function toNdjson(batch: readonly [string, Waiting][], now: number): string {
  const slot = Math.floor(now / slotMs);
  return batch
    .map(([, { beat, touchedAt }]) => {
      const isOfNow = Math.floor(touchedAt / slotMs) === slot;
      return JSON.stringify({ ...beat, at: beat.at ?? (isOfNow ? undefined : touchedAt) });
    })
    .join("\n");
}
