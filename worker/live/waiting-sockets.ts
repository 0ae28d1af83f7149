import { maxWaitingSockets, waitingPlaceMs } from "../limits.ts";

interface Place {
  address: string | null;
  since: number;
}

/**
 * The sockets that have not said yet who they are. Whoever says nothing, or sends a first message of many megabytes byte by
 * byte, holds memory that the engine doesn't bound, so they are few in all, and fewer from one address.
 */
export class WaitingSockets {
  /** By number, the one that waits longest first. */
  readonly #places = new Map<number, Place>();
  readonly #ofAddress = new Map<string, number>();
  #last = 0;

  /** The number of a place for one more, or null where there is none. */
  enter(address: string | null, now: number): number | null {
    // A socket that was closed may stay as long as its other end likes, and an object that is gone tells nobody.
    for (const [place, { since }] of this.#places) {
      if (Math.abs(now - since) < waitingPlaceMs) break;
      this.leave(place);
    }
    const { inAll, perAddress } = maxWaitingSockets;
    const count = address === null ? 0 : (this.#ofAddress.get(address) ?? 0);
    if (this.#places.size >= inAll || count >= perAddress) return null;
    this.#places.set(++this.#last, { address, since: now });
    if (address !== null) this.#ofAddress.set(address, count + 1);
    return this.#last;
  }

  /** It has said who it is, or is gone. */
  leave(place: number): void {
    const held = this.#places.get(place);
    if (held === undefined) return;
    this.#places.delete(place);
    if (held.address === null) return;
    const count = (this.#ofAddress.get(held.address) ?? 1) - 1;
    if (count === 0) this.#ofAddress.delete(held.address);
    else this.#ofAddress.set(held.address, count);
  }
}
