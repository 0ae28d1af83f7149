import { pingIntervalMs, slotMs } from "../../sdk/wire.ts";
import { judge, nextLookAt, uncountedTimes } from "../../worker/live/reading.ts";
import type { CountedSocket } from "../../worker/live/socket.ts";

/** Somebody's socket: open from its first message until it is closed, pinged in some stretches of time. */
export interface Held {
  user: number;
  from: number;
  to: number;
  /** Stretches in which the page is visible, and so pings. */
  visible: { from: number; to: number }[];
}

/** How an alarm is disturbed: how late each one comes, and whether it comes twice. */
export interface Disturbance {
  lateMs: (alarm: number) => number;
  isDoubled: (alarm: number) => boolean;
}

export const punctual: Disturbance = { lateMs: () => 0, isDoubled: () => false };

export function slotOf(at: number): number {
  return Math.floor(at / slotMs) * slotMs;
}

/** When a socket gives a sign of life: by its first message, then by a ping every 30 s while the page is visible. */
export function signsOf({ from, to, visible }: Held): number[] {
  const signs = [from];
  for (const stretch of visible) {
    const end = Math.min(stretch.to, to);
    for (let at = Math.max(stretch.from, from); at < end; at += pingIntervalMs) signs.push(at);
  }
  return signs.toSorted((a, b) => a - b);
}

/** A gate on a simulated clock: what it counts, as `user/time`, and whom it closes when. */
export function runGate(held: readonly Held[], { lateMs, isDoubled }: Disturbance, until: number) {
  const counted: { user: number; at: number }[] = [];
  const closed: { user: number; at: number; code: number }[] = [];
  const open = new Map<Held, CountedSocket>();
  const waiting = held.toSorted((a, b) => a.from - b.from);
  const pingAt = (socket: Held, now: number) =>
    signsOf(socket)
      .slice(1)
      .findLast((at) => at <= now) ?? null;
  let alarms = 0;
  let alarmAt = Infinity;

  const note = (user: number, times: readonly number[]) => {
    for (const at of times) counted.push({ user, at });
  };
  const look = (now: number) => {
    for (const [key, socket] of open) {
      const { times, isRead, close } = judge(socket, pingAt(key, now), now);
      note(key.user, times);
      if (isRead) open.set(key, { ...socket, countedAt: Math.max(socket.countedAt, ...times), readAt: now });
      if (close === null) continue;
      closed.push({ user: key.user, at: now, code: close.code });
      open.delete(key);
    }
  };
  const arm = (now: number) => {
    const looks = Array.from(open.values(), (socket) => nextLookAt(socket, now));
    alarmAt = Math.min(Infinity, ...looks) + lateMs(alarms);
  };

  for (;;) {
    const opensAt = waiting[0]?.from ?? Infinity;
    const closesAt = Math.min(Infinity, ...Array.from(open.keys(), ({ to }) => to));
    const now = Math.min(opensAt, closesAt, alarmAt);
    if (now > until) return { counted, closed, open: open.size };
    if (now === opensAt) {
      const socket = waiting.shift() as Held;
      note(socket.user, [now]);
      open.set(socket, newSocket(now));
      if (alarmAt === Infinity) arm(now);
    } else if (now === closesAt) {
      for (const [key, socket] of open) {
        if (key.to !== now) continue;
        note(key.user, uncountedTimes(socket, pingAt(key, now)));
        open.delete(key);
      }
    } else {
      const times = isDoubled(alarms) ? 2 : 1;
      for (let time = 0; time < times; time++) look(now);
      alarms++;
      arm(now);
    }
  }
}

/** A socket that was let in at `now`. */
export function newSocket(now: number, closesAt = Infinity): CountedSocket {
  const user = { entry: 1, shardHash: 1 };
  return {
    phase: "counted",
    app: "a",
    user,
    series: [""],
    admission: 0,
    countedAt: now,
    readAt: now,
    closesAt,
  };
}
