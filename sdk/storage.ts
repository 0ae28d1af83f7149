import type { Options } from "./options.ts";

/** Of a user or an anonymous installation. */
interface Presence {
  /** The anonymous id itself, or a short hash of the user's. */
  who: string;
  /** The day on which it was first here, `YYYY-MM-DD`. */
  since: string;
  /** The slot that the server has acknowledged last. */
  seen?: number;
  /** Slots that it has not, the oldest first. */
  unsent: number[];
}

/** All that is kept in the browser, as JSON under one name. Two at most, so it cannot grow. */
export type State = Partial<Record<"user" | "anonymous", Presence>> & {
  /** The anonymous id that the server knows to be the same person as the first user who signed in with it. */
  linked?: string | undefined;
};

/**
 * Reaching for `localStorage` throws in a sandboxed frame; reading and writing throw when the user blocks
 * cookies; in private windows of old browsers, or when the disk is full, only writing does. In all these cases
 * the page remembers for itself.
 */
export function openStore(name: string, { storage }: Options) {
  let state: State = {};
  try {
    storage ??= localStorage;
  } catch {}

  return {
    /** Always from storage, because another tab may have written. */
    read(): State {
      try {
        state = { ...(JSON.parse(`${storage?.getItem(name)}`) ?? state) };
      } catch {}
      return state;
    },

    write(next: State): void {
      state = next;
      try {
        storage?.setItem(name, JSON.stringify(state));
      } catch {
        // Nor read again: what is in there is out of date, and would have the same beat sent for ever.
        storage = undefined;
      }
    },
  };
}
