import type { Options } from "../index.ts";

/** What `init()` takes in React Native. Only `endpoint`, `key` and `appState` are needed. */
export interface NativeOptions extends Omit<Options, "storage" | "lifecycle"> {
  /** React Native's `AppState`: people are counted while it is `active`. */
  appState: AppStateLike;

  /**
   * `AsyncStorage`, or anything like it: one entry, under the public key. Without it the app is another
   * anonymous installation each time it starts, and forgets then what it could not send.
   */
  storage?: AsyncKeyValueStorage | undefined;
}

/** The part of `AppState` that is used. */
export interface AppStateLike {
  /** `active`, `inactive`, `background`, …; on iOS unknown for a moment after the start. */
  readonly currentState: string | null | undefined;
  addEventListener(type: "change", listener: () => void): { remove(): void };
}

/** The part of `AsyncStorage` that is used. */
export interface AsyncKeyValueStorage {
  getItem(name: string): Promise<string | null>;
  setItem(name: string, value: string): Promise<unknown>;
}
