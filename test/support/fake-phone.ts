import {
  type AppStateLike,
  type AsyncKeyValueStorage,
  type Headcount,
  init,
} from "../../sdk/react-native.ts";
import type { NativeOptions } from "../../sdk/react-native.ts";
import { FakeServer } from "./fake-client.ts";

/** An app that is sent to the background and brought back by hand. */
export class FakeAppState implements AppStateLike {
  currentState: string | null = "active";
  readonly #listeners = new Set<() => void>();

  addEventListener(_: "change", listener: () => void): { remove(): void } {
    this.#listeners.add(listener);
    return { remove: () => void this.#listeners.delete(listener) };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  become(state: string): void {
    this.currentState = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A storage whose every answer takes its time. */
export class FakeAsyncStorage implements AsyncKeyValueStorage {
  readonly items = new Map<string, string>();
  reads = 0;
  /** What has begun to be written, in order. */
  readonly writes: string[] = [];
  delayMs = 20;
  failure: unknown = new Error("no disk");
  /** How many of the next questions, and how many of the next writes, fail. */
  failures = 0;
  failWrites = 0;
  /** Writes that have not ended. */
  pending = 0;

  async getItem(name: string): Promise<string | null> {
    this.reads++;
    await this.#wait();
    if (this.failures-- > 0) throw this.failure;
    this.failures = 0;
    return this.items.get(name) ?? null;
  }

  async setItem(name: string, value: string): Promise<void> {
    this.writes.push(value);
    this.pending++;
    await this.#wait();
    this.pending--;
    if (this.failWrites-- > 0) throw this.failure;
    this.failWrites = 0;
    this.items.set(name, value);
  }

  async #wait(): Promise<void> {
    if (this.delayMs === Number.POSITIVE_INFINITY) await new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
  }
}

export interface Phone {
  headcount: Headcount;
  server: FakeServer;
  appState: FakeAppState;
  storage: FakeAsyncStorage;
  problems: (Error | Response)[];
  /** The app is ended and started again: what is in storage is all that is left. */
  restart(): Phone;
}

let keys = 0;

export function openPhone(
  options: Partial<NativeOptions> = {},
  { server = new FakeServer(), appState = new FakeAppState(), storage = new FakeAsyncStorage() } = {},
): Phone {
  const problems: (Error | Response)[] = [];
  const key = options.key ?? `hc_pub_phone${keys++}_mac`;
  const headcount = init({
    endpoint: "https://hc.test",
    key,
    appState,
    storage,
    fetch: server.fetch,
    onError: (problem) => problems.push(problem),
    ...options,
  });
  return {
    headcount,
    server,
    appState,
    storage,
    problems,
    restart() {
      headcount.shutdown();
      return openPhone({ ...options, key }, { server, storage });
    },
  };
}
