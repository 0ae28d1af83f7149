import { type Env, gatherMs } from "../env.ts";
import type { App } from "./app.ts";
import { Outbox } from "./outbox.ts";

/**
 * The outboxes of those who may wait for one another: the requests of one isolate, or what happens to one Durable Object. Objects
 * that lie in the same isolate have their own: where one waits for a call of another, the engine ends both, with all their sockets.
 */
export class Outboxes {
  readonly #env: Env;
  /** They go with what is known of an app. */
  readonly #byApp = new WeakMap<App, Map<string, Outbox>>();

  constructor(env: Env) {
    this.#env = env;
  }

  /**
   * What is about to be told to a shard.
   * @param windows for how many commit windows it is gathered
   */
  of(app: App, shard: number, windows: number): Outbox {
    const ofApp = this.#byApp.get(app) ?? new Map<string, Outbox>();
    this.#byApp.set(app, ofApp);
    // Apart, so that nobody waits for longer than asked for.
    const key = `${shard} ${windows}`;
    const held = ofApp.get(key) ?? new Outbox(gatherMs(this.#env, windows));
    ofApp.set(key, held);
    return held;
  }
}
