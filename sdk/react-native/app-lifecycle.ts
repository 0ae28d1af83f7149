import { nobodyLooks } from "../asynchronous/nobody-looks.ts";
import type { Lifecycle } from "../index.ts";
import type { AppStateLike } from "./options.ts";

/**
 * The app's life. Not visible is also iOS's `inactive`: while a call comes in or the control centre is open. That may
 * come and go without `background`; a slot is counted once all the same.
 */
export function appLifecycle(appState: AppStateLike): Lifecycle {
  if (!isAppState(appState)) return nobodyLooks;
  return {
    isVisible: () => appState.currentState === "active",
    subscribe(wake) {
      const subscription = appState.addEventListener("change", wake);
      return () => subscription.remove();
    },
  };
}

export function isAppState(given: Partial<AppStateLike> | null | undefined): boolean {
  return typeof given?.addEventListener === "function";
}
