import { maxGates } from "../limits.ts";

const continents = new Set(["AF", "AN", "AS", "EU", "NA", "OC", "SA"]);

/**
 * The gate that a socket is taken to. At the upgrade neither app nor user is known, so any gate will do: one of few
 * on the client's continent. A gate that is full or busy says so; then there are twice as many.
 */
export class GateChoice {
  readonly #random: () => number;
  readonly #sizes = new Map<string, number>();

  /** @param random gives numbers from 0 to below 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Names of gates to try in turn, ended when there can't be more. */
  *candidates(continent: unknown): Generator<string> {
    const region = regionOf(continent);
    const size = () => this.#sizes.get(region) ?? 1;
    this.#sizes.set(region, size());
    const anyOf = (from: number, to: number) =>
      `${region}-${from + Math.floor(this.#random() * (to - from))}`;
    yield anyOf(0, size());
    for (;;) {
      const tried = size();
      // The younger half is the emptier one.
      if (tried > 1) yield anyOf(tried / 2, tried);
      // Others who were refused in the same moment may have doubled already.
      if (size() > tried) continue;
      if (tried >= maxGates) return;
      this.#sizes.set(region, tried * 2);
    }
  }

  /** The names of all gates that were chosen from. */
  names(): string[] {
    return [...this.#sizes].flatMap(([region, size]) =>
      Array.from({ length: size }, (_, index) => `${region}-${index}`),
    );
  }
}

function regionOf(continent: unknown): string {
  return typeof continent === "string" && continents.has(continent) ? continent.toLowerCase() : "xx";
}
