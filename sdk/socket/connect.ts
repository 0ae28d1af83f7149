import { bodyOf, type Core } from "../heartbeat.ts";

import { firstSocketBackOffMs, minuteMs } from "../limits.ts";
import type { Headcount } from "../options.ts";
import { outsideZones } from "../outside-zones.ts";
import { agrees, mayCount } from "../permission.ts";
import { addressOf } from "../post.ts";
import {
  closedForBadMessage,
  closedForCredentials,
  closedForTooMany,
  liveProtocol,
  pingIntervalMs,
  pingText,
  pongText,
  slotMs,
} from "../wire.ts";

/** A little sooner than the server asks for, so that no ping is late. */
const pingMs = pingIntervalMs - 3000;

/** A page that is hidden only for a moment keeps its socket. */
const graceMs = 30_000;

/**
 * Holds one socket to the Worker for all tabs of this origin, for as long as one of them is visible: whoever is here counts in
 * every slot without a request each. The instance's heartbeats go on; a user who is counted by both is counted once.
 * Ends with the instance. Nothing is thrown; what ends it for good is told to `onError`.
 *
 * @returns what closes it
 */
export function connect(headcount: Headcount): () => void {
  const core = headcount as Core;
  const { options, lifecycle, report } = core;
  /** Ends this tab's turn, or its waiting for it. */
  let letGo: (() => void) | undefined;
  /** It is this tab that holds the socket: not the same as waiting for that. */
  let hasTurn = false;
  let isOpening = false;
  let socket: WebSocket | undefined;
  /** The next ping, attempt or end: only one of them is ever due. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hasAnswered = false;
  /** Who is counted by the socket. */
  let counted = "";
  /** Before then the server wants no other ping, or no other socket. */
  let dueAt = 0;

  function wait(happen: () => unknown, delayMs: number): void {
    clearTimeout(timer);
    timer = outsideZones(() => setTimeout(happen, delayMs));
  }

  function wake(): void {
    // Nobody looks: no ping is sent any more, and after a while nothing is left to keep.
    if (!lifecycle?.isVisible()) wait(stop, graceMs);
    else if (!letGo) takeTurn();
    else if (hasTurn) wait(goOn, Math.max(0, dueAt - Date.now()));
  }

  /** Waits for this tab's turn, which lasts until the page is left or hidden. Without locks every tab has its turn. */
  function takeTurn(): void {
    const turn = new AbortController();
    letGo = () => turn.abort();
    const hold = () =>
      new Promise<void>((resolve) => {
        turn.signal.onabort = () => resolve();
        hasTurn = true;
        void goOn();
      });
    const { locks } = globalThis.navigator ?? {};
    const claim = async () => (locks ? locks.request(`${options.key}:socket`, turn, hold) : hold());
    // Where cookies are blocked, so are locks.
    claim().catch(() => {
      if (!turn.signal.aborted) void hold();
    });
  }

  function stop(): void {
    clearTimeout(timer);
    letGo?.();
    letGo = undefined;
    hasTurn = false;
    drop();
  }

  function drop(): void {
    const dropped = socket;
    socket = undefined;
    dropped?.close();
  }

  /** The one thing that is ever due: a ping, or the socket itself. */
  async function goOn(): Promise<void> {
    if (socket) return ping();
    if (!hasTurn || isOpening) return;
    isOpening = true;
    await open().catch(report);
    isOpening = false;
    // It could not be made, or there is nobody to count yet: the first heartbeat makes an anonymous id.
    if (!socket) retry();
  }

  /** While it is this tab's turn another socket follows: full jitter, five minutes at most. */
  function retry(leastMs = 0): void {
    drop();
    dueAt = Date.now() + leastMs;
    const waitMs = leastMs + Math.random() * Math.min(slotMs, firstSocketBackOffMs * 2 ** ++failures);
    if (hasTurn) wait(goOn, waitMs);
  }

  const isAnother = (): boolean => counted !== JSON.stringify(core.present());

  async function open(): Promise<void> {
    if (!core.present() || !mayCount(options) || !(await agrees(options))) return;
    const beat = core.present();
    if (!beat) return;
    counted = JSON.stringify(beat);
    const proof = (await core.credentials?.proofFor(beat.user)) ?? { key: options.key };
    if (!hasTurn || isAnother()) return;
    const address = addressOf(options.endpoint, "/v1/live");
    // Without a base React Native's URL adds a slash.
    const url = globalThis.location ? new URL(address, location.href).href : address;
    const opened = (socket = new WebSocket(url.replace("http", "ws"), liveProtocol));
    hasAnswered = false;
    pingLater();
    opened.onopen = () => {
      // Whoever was here may have signed out meanwhile, or not want to be counted any more.
      if (isAnother()) return retry();
      const { includeBots } = options;
      opened.send(bodyOf({ ...proof, includeBots }, JSON.stringify({ ...beat, via: "socket" })));
      hasAnswered = true;
      ping();
    };
    opened.onmessage = ({ data }) => {
      hasAnswered = true;
      failures = 0;
      try {
        if (data !== pongText) core.credentials?.follow(proof, JSON.parse(data).token);
      } catch {}
    };
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      const mayRetry =
        code === closedForCredentials ? core.credentials?.refuse(proof) : code !== closedForBadMessage;
      if (mayRetry) return retry(code === closedForTooMany ? minuteMs : 0);
      end();
      report(Error(`socket closed: ${code}`));
    };
  }

  function ping(): void {
    if (!lifecycle?.isVisible()) return stop();
    // Half open: nothing came since the last. Or somebody else is here now, or nobody who may be counted.
    if (!socket || !hasAnswered || isAnother()) return retry();
    hasAnswered = false;
    socket.send(pingText);
    pingLater();
  }

  function pingLater(): void {
    dueAt = Date.now() + pingMs;
    wait(goOn, pingMs);
  }

  const unsubscribe = outsideZones(() => lifecycle?.subscribe(wake));
  const leaving = ["pagehide", "freeze"];
  leaving.map((type) => globalThis.addEventListener?.(type, stop, true));
  function end(): void {
    stop();
    unsubscribe?.();
    leaving.map((type) => globalThis.removeEventListener?.(type, stop, true));
  }
  // In a later task, so that `identify()` may follow.
  wait(wake, 0);
  core.atEnd(end);
  return end;
}
