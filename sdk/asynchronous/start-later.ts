import { type Core, running, startHeartbeat } from "../heartbeat.ts";
import type { Headcount, Lifecycle, Options } from "../options.ts";
import { report } from "../report.ts";
import type { AsyncKeyValueStorage } from "./options.ts";
import { openWriteBehind } from "./write-behind.ts";

/** Whoever is here is not kept waiting longer for what a storage does not tell. */
const patienceMs = 5000;

/** The options of an instance whose storage is asynchronous. */
export interface LaterOptions extends Omit<Options, "storage" | "lifecycle"> {
  /**
   * `AsyncStorage`, or anything like it: one entry, under the public key. Without it this is another anonymous
   * installation after each start, and what could not be sent is forgotten.
   */
  storage?: AsyncKeyValueStorage | undefined;
}

type Call = (core: Headcount) => void;

/**
 * An instance that may be used at once, and starts as soon as its storage is loaded: what is asked of it before happens
 * right after. Where storage doesn't answer it starts without, as an installation that is forgotten again, and becomes
 * the one that is stored once that can be read. A second call with the same key returns the same instance.
 *
 * @param start the instance itself
 */
export function startLater(
  given: LaterOptions,
  lifecycle: Lifecycle,
  start: (options: Options) => Core = startHeartbeat,
): Headcount {
  const { key } = given;
  const present = running[key];
  if (present) return present;

  let core: Core | undefined;
  let isOver = false;
  /** What was asked for until storage was loaded: the last of each kind, in their order. */
  let asked: Map<string, Call> | undefined = new Map();
  const tell = (problem: unknown) => report(problem, given);
  const wakes = new Set<() => void>();
  const ends: (() => void)[] = [];
  const store = openWriteBehind(given.storage, key, tell);
  const options: Options = { ...given, storage: store, lifecycle };

  const patience = setTimeout(open, patienceMs);
  void startOnceLoaded();

  async function startOnceLoaded(): Promise<void> {
    await store.load();
    // Started without: what was asked for is said again to the installation that is stored.
    if (core && !isOver) askAgain(core);
    open();
    asked = undefined;
  }

  function open(): void {
    clearTimeout(patience);
    if (core || isOver) return;
    core = start(options);
    // What was asked for follows in the same task, so nobody who is known is counted as anonymous first.
    askAgain(core);
    for (const wake of wakes) wake();
  }

  function ask(kind: string, call: Call): void {
    asked?.delete(kind);
    asked?.set(kind, call);
    if (core) call(core);
  }

  function askAgain(started: Headcount): void {
    for (const call of asked?.values() ?? []) call(started);
  }

  const headcount: Core = {
    options,
    get credentials() {
      return core?.credentials;
    },
    report: tell,
    atEnd: (end) => void (isOver ? end() : ends.push(end)),
    present: () => core?.present(),
    // What else works with an instance, a socket for one, sees nobody until it has started.
    lifecycle: {
      isVisible: () => core !== undefined && lifecycle.isVisible(),
      subscribe(wake) {
        const unsubscribe = lifecycle.subscribe(wake);
        wakes.add(wake);
        return () => {
          wakes.delete(wake);
          unsubscribe();
        };
      },
    },
    identify: (user, about) => ask("identify", (started) => started.identify(user, about)),
    heartbeat: () => ask("heartbeat", (started) => started.heartbeat()),
    reset: () => ask("reset", (started) => started.reset()),
    optOut: () => ask("optOut", (started) => started.optOut()),
    optIn: () => ask("optIn", (started) => started.optIn()),
    shutdown() {
      isOver = true;
      clearTimeout(patience);
      store.stop();
      core?.shutdown();
      for (const end of ends) end();
      if (running[key] === headcount) delete running[key];
    },
  };
  running[key] = headcount;
  return headcount;
}
