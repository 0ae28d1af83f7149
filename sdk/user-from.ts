import type { About } from "./options.ts";
import { warn } from "./warn.ts";
import { type Beat, maxUserIdLength } from "./wire.ts";

/** What becomes of an id that an app doesn't have: `String(user?.id)`, a template without a value, an object. */
const nobody = /^\s*(undefined|null|NaN|\[object .*)?\s*$/;

/** Characters in `YYYY-MM-DD`. */
const dayLength = 10;

/**
 * A user as beats name them. A `since` that can't be read is left out, and nobody is lost for it.
 *
 * @throws {TypeError} if the id is nobody's: two people with the same one would be counted as one for ever
 */
export function userFrom(given: unknown, about?: About): Beat & { user: string } {
  // Throws for what can't be a text.
  const user = "".concat(given as string);
  // A boolean and a function can.
  if (/^(boo|f)/.test(typeof given) || nobody.test(user) || user.length > maxUserIdLength) {
    throw TypeError("user: not an id");
  }
  let since: About["since"];
  let first: string | number | undefined;
  let dimensions: Beat["dimensions"];
  try {
    ({ since, dimensions } = (about ?? {}) as { since: About["since"]; dimensions: Beat["dimensions"] });
    // A day stays a day, in the app's zone; everything else is an instant. The service leaves out what is neither.
    first = (since as string)?.length === dayLength ? (since as string) : +new Date(since ?? NaN);
  } catch {
    // What can't be read or converted.
  }
  if (typeof __DEV__ !== "undefined" && __DEV__ && since && !first) {
    warn("since is left out: expected a day (YYYY-MM-DD), a time in ISO 8601, Unix milliseconds or a Date");
  }
  return { user, since: first, dimensions };
}
