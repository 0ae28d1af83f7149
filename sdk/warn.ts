const said = new Set<string>();

/** Tells the developer, once. Call it only where `__DEV__` is true. */
export function warn(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`[headcount] ${message}`);
}
