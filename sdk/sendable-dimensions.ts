import { warn } from "./warn.ts";

/** Dimensions of a user, and characters in a name or value. The server takes no more. */
const maxDimensions = 8;
const maxLength = 64;

/** The dimensions that can be sent. What can't, or can't even be read, is left out, and nobody is lost for it. */
export function sendableDimensions(
  dimensions: Record<string, unknown> | undefined,
  ignored: readonly string[],
): Record<string, string> | undefined {
  const isKept = (dimension: [string, unknown]): dimension is [string, string] => {
    const [name, value] = dimension;
    const isText = typeof value === "string" && value.length <= maxLength && name.length <= maxLength;
    if (typeof __DEV__ !== "undefined" && __DEV__ && !isText && value !== undefined) explain(name, value);
    return isText && !ignored.includes(name);
  };
  try {
    const kept = Object.entries(dimensions!).filter(isKept);
    if (typeof __DEV__ !== "undefined" && __DEV__) {
      if (kept.length > maxDimensions)
        warn(`of ${kept.length} dimensions only the first ${maxDimensions} are sent`);
      if (Symbol.iterator in dimensions!)
        warn(
          'dimensions are left out: expected an object such as { plan: "pro" }; of a Map, make one with Object.fromEntries()',
        );
    }
    return Object.fromEntries(kept.slice(0, maxDimensions));
  } catch (problem) {
    if (typeof __DEV__ !== "undefined" && __DEV__ && dimensions)
      warn(`dimensions are left out: they can't be read (${String(problem)})`);
    return undefined;
  }
}

function explain(name: string, value: unknown): void {
  const given =
    typeof value === "string" ? `${value.length} characters` : value === null ? "null" : typeof value;
  warn(
    `dimension ${name.slice(0, maxLength)} is left out: expected a name and a string of at most ${maxLength} characters, got ${given}`,
  );
}
