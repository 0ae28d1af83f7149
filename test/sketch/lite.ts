import { createRequire } from "node:module";

/** What is used of a sketch of hyperloglog-lite 1.0.2, which has no types. */
interface LiteSketch {
  add(words: readonly number[]): LiteSketch;
  count(): number;
  merge(output: { n: number; buckets: Uint8Array }): void;
  output(): { n: number; buckets: Uint8Array };
}

export interface CreateLite {
  (precision: number): LiteSketch;
  hash(text: string): number[];
}

const require = createRequire(import.meta.url);

/** The package's own code. */
export const createLite: CreateLite = require("hyperloglog-lite");
