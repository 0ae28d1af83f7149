import { startLater } from "../asynchronous/start-later.ts";
import { startHeartbeat } from "../heartbeat.ts";
import type { Headcount } from "../index.ts";
import { report } from "../report.ts";
import { withTokens } from "../tokens/with-tokens.ts";
import { appLifecycle, isAppState } from "./app-lifecycle.ts";
import type { NativeOptions } from "./options.ts";

/**
 * Starts counting whoever has this app in the foreground. The instance may be used at once; what is asked of it before
 * storage is loaded happens right after. A second call with the same key returns the same instance and ignores its
 * other options.
 */
export function init(options: NativeOptions): Headcount {
  const problem = problemOf(options);
  if (problem) report(problem, options);
  // With `getIdentity` users are counted by tokens.
  const { appState, getIdentity } = options;
  return startLater(
    options,
    appLifecycle(appState),
    getIdentity && ((opened) => withTokens({ ...opened, getIdentity }, startHeartbeat)),
  );
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
