import { periodAt } from "../counting/periods.ts";
import { settingsTtlMs } from "../limits.ts";
import { SipHasher } from "../sketch/index.ts";
import type { App } from "./app.ts";

/**
 * What an isolate has answered with success in the running slot, by a keyed hash of all that the answer depends on: whoever
 * sends the same again is answered the same, and nobody is asked. Only what came with the secret key is remembered. An answer
 * from memory comes sooner than another, and so would tell a stranger who tries ids with the public key which of them are
 * active.
 */
export class Repeats {
  readonly #limit: number;
  readonly #known = new Map<number, { app: App; standing: object }>();
  readonly #words = new Uint32Array(2);
  #hasher: SipHasher | null = null;
  #slotStart = -Infinity;

  /** @param limit answers to remember, about 80 bytes each; when full, all are forgotten */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** 53 bits of a hash whose key nobody knows, not even the service's other isolates. */
  digest(text: string): number {
    // The platform gives no random bytes before the first request.
    this.#hasher ??= new SipHasher(crypto.getRandomValues(new Uint8Array(16)));
    this.#hasher.hash(text, this.#words);
    const [high = 0, low = 0] = this.#words;
    return (high & 0x1fffff) * 2 ** 32 + low;
  }

  /** The app, where the like was answered in the slot of `now` and its settings are fresh and still the same. */
  find(digest: number, now: number): App | null {
    if (periodAt("slot", now).start !== this.#slotStart) return null;
    const known = this.#known.get(digest);
    if (known === undefined || known.standing !== known.app.standing) return null;
    return now - known.app.readAt < settingsTtlMs ? known.app : null;
  }

  /**
   * Remembers what was answered.
   *
   * @param standing the app's when the request was judged
   * @param now when it was judged, Unix milliseconds
   */
  add(digest: number, app: App, standing: object, now: number): void {
    const { start } = periodAt("slot", now);
    if (start < this.#slotStart) return;
    if (start > this.#slotStart || this.#known.size >= this.#limit) this.#known.clear();
    this.#slotStart = start;
    this.#known.set(digest, { app, standing });
  }
}
