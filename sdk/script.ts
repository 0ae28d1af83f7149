import { init } from "./init.ts";
import type { Headcount } from "./options.ts";

declare global {
  interface Window {
    /** The instance where the script tag has a `data-key`, else `{ init }`. */
    headcount?: Headcount | { init: typeof init };
  }
}

/**
 * The entry of `/sdk.js`. Loaded a second time it changes nothing, except that a tag with a key takes the place
 * of one without.
 */
function startFromTag(): void {
  const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : undefined;
  const { key, endpoint, user, includeBots, ignoreGpc } = script?.dataset ?? {};

  // Not only whether it is there: any element with the id `headcount` is `window.headcount` too.
  const present = window.headcount;
  if (present && ("identify" in present || (!key && "init" in present))) return;
  if (!script || !key) {
    window.headcount = { init };
    return;
  }

  const headcount = init({
    key,
    // Where the script lies, so that a proxied path keeps working; without the slash at its end.
    endpoint: endpoint ?? new URL(".", script.src).href.slice(0, -1),
    includeBots: includeBots !== undefined,
    ignoreGpc: ignoreGpc !== undefined,
  });
  // In the same task, so nobody is counted as anonymous first.
  if (user) headcount.identify(user);
  window.headcount = headcount;
}

startFromTag();
