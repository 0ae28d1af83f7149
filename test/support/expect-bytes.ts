import { expect } from "vitest";

/** Expects the same bytes. `toEqual` compares them as lists of anything, which takes 10 ms for a large sketch; here it only says what differs. */
export function expectBytes(found: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(found, expected) !== 0) expect(found).toEqual(expected);
}
