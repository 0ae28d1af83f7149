import { init } from "./init.ts";
import type { Headcount } from "./options.ts";
import { warn } from "./warn.ts";

/** What a tag without `data-key` gives to the page. */
interface Starter {
  init: typeof init;
}

/** What tags of this page have started, also those of another copy of this script, by key. */
type Started = Record<string, Headcount | Starter>;

const starter = "";

/** A module is not told which tag it comes from. */
function ownTag(): HTMLScriptElement | null {
  const script = document.currentScript ?? document.querySelector("script[data-key^=hc_pub_]");
  return script instanceof HTMLScriptElement ? script : null;
}

/**
 * The entry of `/sdk.js`: starts what its tag says and puts it into a global. A global that the page has already stays, and
 * the SDK counts without one. Loaded a second time it changes nothing, except that a tag with a key takes the place of one without.
 */
function startFromTag(): void {
  const script = ownTag();
  const {
    key,
    endpoint,
    user,
    name = "headcount",
    includeBots,
    ignoreGpc,
    cookieDomain,
    idleLimit,
  } = script?.dataset ?? {};
  const page = window as unknown as Record<string | symbol, unknown>;
  const started = (page[Symbol.for("headcount")] ??= {}) as Started;

  const isNew = !started[key ?? starter];
  const api = (started[key ?? starter] ??=
    !script || !key
      ? { init }
      : init({
          key,
          // Where the script lies, so that a proxied path keeps working.
          endpoint: endpoint ?? (script.src ? new URL(".", script.src).href : ""),
          includeBots: includeBots !== undefined,
          ignoreGpc: ignoreGpc !== undefined,
          cookieDomain,
          // In minutes, as it is written by hand.
          idleLimitMs: Number(idleLimit) * 60_000 || undefined,
        }));
  if (typeof __DEV__ !== "undefined" && __DEV__ && !key)
    warn(
      "nothing is sent: the script tag has no data-key. Expected the app's public key, hc_pub_…, unless the page calls init()",
    );
  // In the same task, so nobody is counted as anonymous first.
  if (isNew && user !== undefined && "identify" in api) api.identify(user);

  // An element with this id is no property of the page's own.
  const present = Object.hasOwn(page, name) ? page[name] : undefined;
  if (present === undefined || (present === started[starter] && key)) page[name] = api;
}

try {
  startFromTag();
} catch (problem) {
  // A global that can't be read or written, a script without an address: the page goes on.
  if (typeof __DEV__ !== "undefined" && __DEV__) warn(`the script tag did not start: ${String(problem)}`);
}
