import { cookieSeconds } from "./limits.ts";
import type { KeyValueStorage, Options } from "./options.ts";

/**
 * All that is kept in the browser, as JSON under one name, of one installation and the user who signed in with it. Times are
 * slots of five minutes since 1970 unless they say otherwise. Lists are texts, as pages patch `Array.prototype.toJSON`.
 */
export interface State {
  /** The anonymous id, from the first beat without a user on. */
  id?: string | undefined;
  /** When the installation was first seen. */
  first?: number | undefined;
  /** The last days on which the server was told of the anonymous id: bit k for the day k days before that of `seen`. */
  days?: number | undefined;
  /** A hash of the user whose installation this is. */
  user?: string | undefined;
  /** The anonymous id that the server knows to be that user. */
  linked?: string | undefined;
  /** The slot that the server has acknowledged last, and for which user. */
  seen?: number | undefined;
  seenAs?: string | undefined;
  /** The slot from which on the next beat makes a difference to the server. */
  next?: number | undefined;
  /** Slots that it has not, the oldest first. A text, or what version 0.1 had. */
  unsent?: string | readonly number[] | undefined;
  /** Whoever is here does not want to be counted. */
  out?: 1 | undefined;
  /** The last sign-out, by which the other tabs know of it. */
  left?: number | undefined;
  /** No tab sends anything before, in Unix ms: one is sending, or what was sent has failed. */
  until?: number | undefined;
  /** A sign of life in a slot after this ends the wait, in Unix ms. Absent where a server failed without saying for how long. */
  tried?: number | undefined;
  /** How long the last wait was at most. */
  paceMs?: number | undefined;
  /** Of versions up to 0.1: an installation with the first and the last of its days, `YYYY-MM-DD`. */
  anonymous?: { who?: string; days?: string[]; unsent?: number[] } | undefined;
}

/** The numbers in a text, or in whatever else was read. */
export function numbersIn(read: unknown): number[] {
  return String(read).split(",").map(Number).filter(Boolean);
}

/** What is kept under one name. */
export interface Store<Kept> {
  read: () => Kept;
  write: (next: Kept) => void;
}

/**
 * Reaching for `localStorage` throws in a sandboxed frame; reading and writing throw when the user blocks
 * cookies; in private windows of old browsers, or when the disk is full, only writing does. In all these cases
 * the page remembers for itself.
 *
 * A cookie of the same name holds the wish not to be counted, which so outlives `localStorage.clear()`; and, with
 * `cookieDomain`, who the installation is, so that all sub-domains are one.
 */
export function openStore<Kept extends object>(
  { storage, persistence, cookieDomain }: Pick<Options, "storage" | "persistence" | "cookieDomain">,
  name: string,
): Store<Kept> {
  let state = {} as Kept;
  const page: { cookie?: string } = globalThis.document ?? {};
  const cookie = () => `${page.cookie}`.split(`${name}=`)[1]?.split(";")[0];
  try {
    // There is no `memoryStorage`, and so nothing to keep anything in.
    storage ??= (globalThis as Record<string, unknown>)[
      `${persistence ?? "local"}Storage`
    ] as KeyValueStorage;
  } catch {}

  return {
    // Always from storage, because another tab may have written.
    read() {
      try {
        const [id, first] = `${cookie()}`.split(".");
        if (id === "out") return { out: 1 } as Kept;
        state = { ...(JSON.parse(storage!.getItem(name)!) ?? state) };
        // Empty after a sign-out: then it is nobody's on any sub-domain.
        if (first !== undefined && id !== ((state as State).id ?? ""))
          Object.assign(state, { id, first: Number(first) || undefined, days: 0 });
      } catch {}
      return state;
    },

    write(next) {
      state = next;
      const kept = state as State;
      try {
        storage?.setItem(name, JSON.stringify(state));
        const { out, id, first } = kept;
        const value = out ? "out" : cookieDomain && (id || cookie()) && [id, first].join(".");
        if (value !== cookie()) {
          page.cookie = `${name}=${value};path=/;samesite=lax;max-age=${value ? cookieSeconds : 0};domain=${cookieDomain ?? ""}`;
        }
      } catch {
        // Nor read again: what is in there is out of date, and would have the same beat sent for ever.
        storage = undefined;
      }
    },
  };
}
