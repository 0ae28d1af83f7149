import { startLater } from "../asynchronous/start-later.ts";
import { type Headcount, init as initCore } from "../index.ts";
import { init as initWithTokens } from "../tokens.ts";
import { appLifecycle, isAppState } from "./app-lifecycle.ts";
import type { NativeOptions } from "./options.ts";

/**
 * Starts counting whoever has this app in the foreground. The instance may be used at once; what is asked of it before
 * storage is loaded happens right after. A second call with the same key returns the same instance and ignores its
 * other options.
 */
export function init(options: NativeOptions): Headcount {
  const problem = problemOf(options);
  if (problem) report(options, problem);
  // With `getIdentity` users are counted by tokens.
  return startLater(options, appLifecycle(options.appState), options.getIdentity ? initWithTokens : initCore);
}

function problemOf({ appState }: NativeOptions): Error | undefined {
  if (!isAppState(appState)) return new TypeError("appState: expected React Native's AppState");
  // Hermes has none (2026); apps get it from a package.
  if (typeof randomness.crypto?.getRandomValues !== "function") {
    return new Error(
      'crypto.getRandomValues is missing, so only users with an id can be counted: import "react-native-get-random-values" first',
    );
  }
  return undefined;
}

const randomness = globalThis as { crypto?: { getRandomValues?: unknown } };

function report({ onError }: NativeOptions, problem: Error): void {
  try {
    onError?.(problem);
  } catch {
    // The app's own doing.
  }
}
