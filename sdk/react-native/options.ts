import type { LaterOptions } from "../asynchronous/start-later.ts";

/** What `init()` takes in React Native. Only `endpoint`, `key` and `appState` are needed. */
export interface NativeOptions extends LaterOptions {
  /** React Native's `AppState`: people are counted while it is `active`. */
  appState: AppStateLike;

  /**
   * A JWT that the app's own backend has signed for whoever is signed in, as in `headcount/tokens`. With it, users are
   * counted by tokens.
   */
  getIdentity?: (() => string | Promise<string>) | undefined;
}

/** The part of `AppState` that is used. */
export interface AppStateLike {
  /** `active`, `inactive`, `background`, …; on iOS unknown for a moment after the start. */
  readonly currentState: string | null | undefined;
  addEventListener(type: "change", listener: () => void): { remove(): void };
}
