// The flag is for every program that has this file, and the tests and scripts have configurations of their own.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./dev-flag.d.ts" />

const said = new Set<string>();

/** Tells the developer, once. Call it only where `__DEV__` is true. */
export function warn(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`[headcount] ${message}`);
}
