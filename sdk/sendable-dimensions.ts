import { warn } from "./warn.ts";

/** Dimensions of a user, and characters in a value. The server takes no more. */
const maxDimensions = 8;
const maxValueLength = 64;

/** The dimensions that can be sent. What can't is left out, and nobody is lost for it. */
export function sendableDimensions(
  dimensions: Record<string, unknown> | undefined,
  ignored: readonly string[],
): Record<string, string> | undefined {
  const isKept = ([name, value]: [string, unknown]) => {
    const isShort = ((value as string | null)?.length as number) <= maxValueLength;
    const isText = isShort && typeof value === "string";
    if (typeof __DEV__ !== "undefined" && __DEV__ && !isText && value !== undefined) {
      const given =
        typeof value === "string" ? `${value.length} characters` : value === null ? "null" : typeof value;
      warn(
        `dimension ${name} is left out: expected a string of at most ${maxValueLength} characters, got ${given}`,
      );
    }
    // What is no text but has a length, a list say, the service leaves out.
    return isShort && !ignored.includes(name);
  };
  return (
    dimensions &&
    (Object.fromEntries(Object.entries(dimensions).filter(isKept).slice(0, maxDimensions)) as Record<
      string,
      string
    >)
  );
}
