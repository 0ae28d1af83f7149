import type { KeyValueStorage, Options } from "./options.ts";

/** Of a user or an anonymous installation. */
export interface Presence {
  /** The anonymous id itself, or a short hash of the user's. */
  who: string;
  /** The days on which it was here first and last, `YYYY-MM-DD`. */
  days: string[];
  /** The slot that the server has acknowledged last. */
  seen?: number;
  /** Slots that it has not, the oldest first. */
  unsent: number[];
}

/** All that is kept in the browser, as JSON under one name. Two at most, so it cannot grow. */
export type State = Partial<Record<"user" | "anonymous", Presence>> & {
  /** Whoever is here does not want to be counted. */
  out?: 1 | undefined;
  /** The anonymous id that the server knows to be the same person as the first user who signed in with it. */
  linked?: string | undefined;
};

/**
 * Reaching for `localStorage` throws in a sandboxed frame; reading and writing throw when the user blocks
 * cookies; in private windows of old browsers, or when the disk is full, only writing does. In all these cases
 * the page remembers for itself.
 */
export function openStore<Kept extends object = State>({
  key,
  storage,
  persistence,
}: Pick<Options, "key" | "storage" | "persistence">): [() => Kept, (next: Kept) => void] {
  let state = {} as Kept;
  try {
    // There is no `memoryStorage`, and so nothing to keep anything in.
    storage ??= (globalThis as Record<string, unknown>)[
      `${persistence ?? "local"}Storage`
    ] as KeyValueStorage;
  } catch {}

  return [
    // Always from storage, because another tab may have written.
    () => {
      try {
        state = { ...(JSON.parse(storage!.getItem(key)!) ?? state) };
      } catch {}
      return state;
    },

    (next) => {
      state = next;
      try {
        storage!.setItem(key, JSON.stringify(state));
      } catch {
        // Nor read again: what is in there is out of date, and would have the same beat sent for ever.
        storage = undefined;
      }
    },
  ];
}
