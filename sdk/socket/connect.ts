import type { Core } from "../heartbeat.ts";
import { firstBackOffMs } from "../limits.ts";
import type { Headcount } from "../options.ts";
import { pageLifecycle } from "../page-lifecycle.ts";
import { mayCount } from "../permission.ts";
import { openStore } from "../storage.ts";
import { type Beat, slotMs } from "../wire.ts";

/** A little less than the 30 s that the server asks for, so that no ping is late. */
const pingMs = 27_000;

/** A page that is hidden only for a moment keeps its socket. */
const graceMs = 30_000;

/** What the entry with the tokens adds to an instance. */
interface TokenHooks {
  tokenOf?: (user: string) => Promise<string>;
  follow?: (token: string, next: string) => void;
  forget?: (token: string) => void;
}

/**
 * Holds one socket to the Worker for all tabs of this origin, for as long as one of them is visible: whoever is here counts in
 * every slot without a request each. The instance's heartbeats go on; a user who is counted by both is counted once.
 * Nothing is thrown; what ends it for good is told to `onError`.
 *
 * @returns what closes it
 */
export function connect(headcount: Headcount): () => void {
  const { options, user } = headcount as Core & { options: TokenHooks };
  const { key } = options;
  const [read] = openStore(options);
  const lifecycle = options.lifecycle ?? pageLifecycle();
  let turn: AbortController | undefined;
  let socket: WebSocket | undefined;
  /** The next ping, attempt or end: only one of them is ever due. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hasAnswered: boolean;
  let counted: string;
  let token: string | undefined;

  function who(): Beat | undefined {
    const { out, anonymous } = read();
    return out ? undefined : (user() ?? (anonymous && { anonymous: anonymous.who }));
  }

  function wait(happen: () => void, delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(happen, delayMs);
  }

  /** Waits for this tab's turn, which lasts until the page is left. Without locks every tab has its turn. */
  function wake(): void {
    // Nobody looks: no ping is sent any more, and after a while nothing is left to keep.
    if (!lifecycle?.isVisible()) wait(stop, graceMs);
    else if (socket) wait(ping, pingMs);
    else if (turn) open();
    else {
      const { signal } = (turn = new AbortController());
      const hold = () =>
        new Promise((resolve) => {
          signal.onabort = resolve;
          open();
        });
      (navigator.locks?.request(`${key}:socket`, { signal }, hold) ?? hold()).catch(() => {});
    }
  }

  function stop(): void {
    turn?.abort();
    turn = undefined;
    later();
  }

  /** Drops the socket there is. While it is this tab's turn another follows: full jitter, five minutes at most. */
  function later(leastMs = 0): void {
    const dropped = socket;
    socket = undefined;
    dropped?.close();
    wait(open, leastMs + Math.random() * Math.min(slotMs, firstBackOffMs * 2 ** ++failures));
  }

  function open(): void {
    if (!turn) return;
    connectOnce().catch((problem) => {
      later();
      options.onError?.(problem);
    });
  }

  async function connectOnce(): Promise<void> {
    const present = who();
    // Where nobody has been counted yet, the first heartbeat makes an anonymous id.
    if (!present || !mayCount(options) || (options.consent && !(await options.consent()))) return later();
    token = present.user && (await options.tokenOf?.(present.user));
    if (!turn || socket) return;
    counted = JSON.stringify(present);
    const url = new URL(`${options.endpoint}/v1/live`, globalThis.location?.href).href;
    const opened = (socket = new WebSocket(url.replace("http", "ws"), "headcount.v1"));
    hasAnswered = false;
    wait(ping, pingMs);
    opened.onopen = () => {
      opened.send(
        JSON.stringify({ ...(token ? { token } : { key }), beats: [{ ...present, via: "socket" }] }),
      );
      hasAnswered = true;
      ping();
    };
    opened.onmessage = ({ data }) => {
      hasAnswered = true;
      failures = 0;
      if (token && data !== "pong") options.follow?.(token, JSON.parse(data).token);
    };
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      if (code === 4401 && token) options.forget?.(token);
      else if (code === 4400 || code === 4401) {
        end();
        options.onError?.(Error(`socket closed: ${code}`));
        return;
      }
      later(code === 4429 ? graceMs : 0);
    };
  }

  function ping(): void {
    // Half open: nothing came since the last. Or somebody else is here now, or nobody who may be counted.
    if (!hasAnswered || counted !== JSON.stringify(who())) return later();
    hasAnswered = false;
    socket?.send("ping");
    wait(ping, pingMs);
  }

  const unsubscribe = lifecycle?.subscribe(wake);
  const leaving = ["pagehide", "freeze"];
  leaving.map((type) => globalThis.addEventListener?.(type, stop, true));
  function end(): void {
    stop();
    unsubscribe?.();
    leaving.map((type) => globalThis.removeEventListener?.(type, stop, true));
  }

  // In a later task, so that `identify()` may follow.
  wait(wake, 0);
  return end;
}
