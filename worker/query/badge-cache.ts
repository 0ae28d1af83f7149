import { maxRememberedApps } from "../limits.ts";

/** Badges of late. They are asked for by anybody, as often as they like, which must not become a Durable Object's load. */
export class BadgeCache {
  readonly #painted = new Map<string, { svg: string; at: number }>();

  /** The badge under a name, if it was painted less than `maxAgeMs` before `now`. */
  get(name: string, maxAgeMs: number, now: number): string | undefined {
    const badge = this.#painted.get(name);
    return badge !== undefined && now - badge.at < maxAgeMs ? badge.svg : undefined;
  }

  put(name: string, svg: string, now: number): void {
    this.#painted.delete(name);
    this.#painted.set(name, { svg, at: now });
    for (const oldest of this.#painted.keys()) {
      if (this.#painted.size <= maxRememberedApps) break;
      this.#painted.delete(oldest);
    }
  }
}
