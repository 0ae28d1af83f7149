import type { Lifecycle } from "./options.ts";

declare global {
  interface Document {
    /** Chromium only (2026), and so not in TypeScript's types. */
    readonly prerendering?: boolean;
  }
}

/**
 * All that may mean that somebody looks again. A page that comes back from the back-forward cache says so with
 * `pageshow`, one that thaws with `resume`, one that was rendered ahead with `prerenderingchange`, and not every
 * browser adds a `visibilitychange`. `online` is here for what waits to be sent.
 */
const signsOfLife = ["visibilitychange", "prerenderingchange", "resume", "pageshow", "online"];

/** The page's life, or nothing where there is no page. */
export function pageLifecycle(): Lifecycle | undefined {
  if (!globalThis.document) return undefined;
  return {
    isVisible: () => !document.hidden && !document.prerendering,

    // Captured on the window: what is dispatched at the document passes here first, and nobody can stop it before.
    subscribe(wake) {
      for (const type of signsOfLife) addEventListener(type, wake, true);
      return () => {
        for (const type of signsOfLife) removeEventListener(type, wake, true);
      };
    },
  };
}
