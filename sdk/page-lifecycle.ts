import type { Lifecycle } from "./options.ts";

/**
 * All that may mean that somebody looks again. A page that comes back from the back-forward cache says so with
 * `pageshow`, one that thaws with `resume`, one that was rendered ahead with `prerenderingchange`, and not every
 * browser adds a `visibilitychange`. `online` is here for what waits to be sent.
 */
const signsOfLife = ["visibilitychange", "pageshow", "prerenderingchange", "resume", "online"];

/** The page's life, or nothing where there is no page. */
export function pageLifecycle(): Lifecycle | undefined {
  if (!globalThis.document) return undefined;
  return {
    // Also true of a page that is rendered ahead, until somebody sees it.
    isVisible: () => !document.hidden,

    // Captured on the window: what is dispatched at the document passes here first, and nobody can stop it before.
    subscribe(wake) {
      signsOfLife.map((type) => addEventListener(type, wake, true));
      return () => signsOfLife.map((type) => removeEventListener(type, wake, true));
    },
  };
}
