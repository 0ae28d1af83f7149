import { cookieSeconds } from "./limits.ts";
import type { Options } from "./options.ts";
import { openStore, type State, type Store } from "./storage.ts";
import { slotMs } from "./wire.ts";

const optedOut = "out";

/**
 * What the core keeps. Beside it a cookie of the same name holds the wish not to be counted, which so outlives
 * `localStorage.clear()`; and, with `cookieDomain`, who the installation is, so that all sub-domains are one.
 */
export function openState(options: Options): Store<State> {
  const { key, cookieDomain } = options;
  const { read, write } = openStore<State>(options, key);

  /** The cookie's value. There is none where there are no cookies. */
  function cookie(): string | undefined {
    try {
      return document.cookie.split(`${key}=`)[1]!.split(";")[0];
    } catch {
      return undefined;
    }
  }

  return {
    read() {
      let state = read();
      const [id, first] = `${cookie()}`.split(".");
      if (id === optedOut) return { out: 1 };
      const { anonymous } = state;
      if (anonymous) {
        state = {
          id: anonymous.who,
          first: Date.parse(anonymous.days?.[0] as string) / slotMs,
          unsent: anonymous.unsent,
        };
      }
      return first && id !== state.id ? { ...state, id, first: Number(first), days: 0 } : state;
    },

    write(state) {
      write(state);
      const value = state.out ? optedOut : cookieDomain && `${state.id}.${state.first}`;
      try {
        if (value !== cookie()) {
          document.cookie = `${key}=${value};path=/;samesite=lax;max-age=${value ? cookieSeconds : 0};domain=${cookieDomain ?? ""}`;
        }
      } catch {}
    },
  };
}
