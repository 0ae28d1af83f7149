import { type Headcount, init as initCore } from "../index.ts";
import { appLifecycle } from "./app-lifecycle.ts";
import type { NativeOptions } from "./options.ts";
import { openWriteBehind } from "./write-behind.ts";

const running = new Map<string, Headcount>();

/**
 * Starts counting whoever has this app in the foreground. The instance may be used at once; what is asked of it before
 * storage is loaded happens right after. A second call with the same key returns the same instance and ignores its
 * other options.
 */
export function init(options: NativeOptions): Headcount {
  const present = running.get(options.key);
  if (present) return present;

  let core: Headcount | undefined;
  let isOver = false;
  const asked: ((core: Headcount) => void)[] = [];
  const ask = (call: (core: Headcount) => void): void => {
    if (core) call(core);
    else asked.push(call);
  };

  async function start(): Promise<void> {
    const { appState, storage, key } = options;
    if (typeof appState?.addEventListener !== "function") {
      throw new TypeError("appState: expected React Native's AppState");
    }
    if (!hasRandomness()) report(new Error(needsRandomness));
    const loaded = await openWriteBehind(storage, key, report);
    if (isOver) return;
    // What was asked follows in the same task, so nobody who is known is counted as anonymous first.
    core = initCore({ ...options, storage: loaded, lifecycle: appLifecycle(appState) });
    for (const call of asked.splice(0)) call(core);
  }

  function report(error: Error): void {
    try {
      options.onError?.(error);
    } catch {
      // The app's own doing.
    }
  }

  const headcount: Headcount = {
    identify: (user, about) => ask((started) => started.identify(user, about)),
    heartbeat: () => ask((started) => started.heartbeat()),
    reset: () => ask((started) => started.reset()),
    optOut: () => ask((started) => started.optOut()),
    optIn: () => ask((started) => started.optIn()),
    shutdown() {
      isOver = true;
      core?.shutdown();
      if (running.get(options.key) === headcount) running.delete(options.key);
    },
  };
  running.set(options.key, headcount);
  start().catch(report);
  return headcount;
}

const needsRandomness =
  'crypto.getRandomValues is missing, so only users with an id can be counted: import "react-native-get-random-values" first';

/** Hermes has none (2026); apps get it from a package. */
function hasRandomness(): boolean {
  return (
    typeof (globalThis as { crypto?: { getRandomValues?: unknown } }).crypto?.getRandomValues === "function"
  );
}
