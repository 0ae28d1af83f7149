import type { Lifecycle } from "../index.ts";
import type { AppStateLike } from "./options.ts";

/**
 * The app's life. Not visible is also iOS's `inactive`: while a call comes in or the control centre is open. That may
 * come and go without `background`; a slot is counted once all the same.
 */
export function appLifecycle(appState: AppStateLike): Lifecycle {
  return {
    isVisible: () => appState.currentState === "active",
    subscribe(wake) {
      const subscription = appState.addEventListener("change", wake);
      return () => subscription.remove();
    },
  };
}
