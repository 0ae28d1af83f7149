import type { Lifecycle, Options } from "./options.ts";

/**
 * All that may mean that somebody looks again. A page that comes back from the back-forward cache says so with
 * `pageshow`, one that thaws with `resume`, one that was rendered ahead with `prerenderingchange`, and not every
 * browser adds a `visibilitychange`. `online` is here for what waits to be sent.
 */
const signsOfLife = ["visibilitychange", "pageshow", "prerenderingchange", "resume", "online"];

/** Somebody is at the device. A touch is a pointer too. */
const signsOfUse = ["pointerdown", "pointermove", "keydown", "wheel"];

/** The page's life, or nothing where there is no page: a library may have put a `document` on a server. */
export function pageLifecycle({
  idleLimitMs = Infinity,
}: Pick<Options, "idleLimitMs">): Lifecycle | undefined {
  if (!globalThis.document || !globalThis.addEventListener) return undefined;
  let usedAt = Date.now();
  const isIdle = () => Date.now() - usedAt >= idleLimitMs;

  return {
    // Also hidden is a page that is rendered ahead, until somebody sees it.
    isVisible: () => !document.hidden && !isIdle(),

    // Captured on the window: what is dispatched at the document passes here first, and nobody can stop it before.
    subscribe(wake) {
      let lastUse = usedAt;
      function use(): void {
        const wasIdle = Date.now() - lastUse >= idleLimitMs;
        usedAt = lastUse = Date.now();
        if (wasIdle) wake();
      }
      function all(change: "addEventListener" | "removeEventListener"): void {
        signsOfLife.map((type) => globalThis[change](type, wake, true));
        if (idleLimitMs < Infinity) signsOfUse.map((type) => globalThis[change](type, use, true));
      }
      all("addEventListener");
      return () => all("removeEventListener");
    },
  };
}
