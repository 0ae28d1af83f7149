import { closeCodes, slotMs } from "../../sdk/wire.ts";
import { alarmGapMs, firstMessageMs, judgingMs, maxFillMs, readingOffsetsMs, silentMs } from "../limits.ts";
import type { Close } from "../http/close-frame.ts";
import type { CountedSocket, Socket } from "./socket.ts";

/** What a look at a socket finds. All times are Unix milliseconds. */
export interface Verdict {
  /** When the user was active and is not counted yet. */
  times: number[];
  /** Whether this was a reading of its pings, which is to be remembered. */
  isRead: boolean;
  close: Close | null;
}

/** What is to be done about a socket, of which `pingAt` is the last ping. Looking twice finds nothing new. */
export function judge(socket: Socket, pingAt: number | null, now: number): Verdict {
  if (socket.phase !== "counted") return { times: [], isRead: false, close: lateness(socket, now) };
  const isOver = now >= socket.closesAt;
  const isRead = isOver || socket.readAt < latestReading(now);
  const lastSignAt = Math.max(pingAt ?? 0, socket.countedAt);
  const close = isOver
    ? { code: closeCodes.tryAgain, reason: "open for a day: connect again" }
    : isRead && now - lastSignAt > silentMs
      ? {
          code: closeCodes.tryAgain,
          reason: "no ping for too long: connect again when somebody uses the app",
        }
      : null;
  return { times: isRead ? uncountedTimes(socket, pingAt) : [], isRead, close };
}

/**
 * The instants of activity that the last ping proves and that are not counted yet.
 *
 * A ping counts at its own time. Where nobody read the pings for more than a slot (an alarm was late, the app's
 * objects could not be reached) the slots in between count too: the socket was open throughout, and pinged after.
 */
export function uncountedTimes(socket: CountedSocket, pingAt: number | null): number[] {
  if (pingAt === null || slotStart(pingAt) <= slotStart(socket.countedAt)) return [];
  const times = [pingAt];
  // Read sooner in a slot than everybody has pinged in it, its slot is not watched yet.
  const seenUpTo = slotStart(Math.max(socket.countedAt, socket.readAt - readingOffsetsMs[0]));
  const fillFrom = pingAt - maxFillMs;
  for (let at = slotStart(pingAt) - slotMs; at > seenUpTo && at >= fillFrom; at -= slotMs) times.push(at);
  return times;
}

/** When a socket has to be looked at next. */
export function nextLookAt(socket: Socket, now: number): number {
  switch (socket.phase) {
    case "waiting":
      return socket.openedAt + firstMessageMs;
    case "judging":
      return socket.openedAt + judgingMs;
    case "counted":
      return Math.min(nextReading(now), socket.closesAt);
  }
}

/**
 * When a gate is to look again, Unix milliseconds; null for never. What was due at the last look and still stands could
 * not be counted: it waits for `retryAt`.
 *
 * @param lookedAt when the gate last looked, which may be a while ago: what has become due since is looked at now
 */
export function nextAlarm(
  sockets: readonly Socket[],
  lookedAt: number,
  retryAt: number | null,
  now: number,
): number | null {
  const looks = sockets.map((socket) => nextLookAt(socket, lookedAt)).filter((at) => at > lookedAt);
  const next = Math.min(...looks, retryAt ?? Infinity);
  if (!Number.isFinite(next)) return null;
  return next <= now ? now : Math.max(next, now + alarmGapMs);
}

/** The last instant at or before `now` at which pings are to be read. */
function latestReading(now: number): number {
  return Math.max(...readingsAround(now).filter((at) => at <= now));
}

/** The first instant after `now` at which pings are to be read. */
function nextReading(now: number): number {
  return Math.min(...readingsAround(now).filter((at) => at > now));
}

function readingsAround(now: number): number[] {
  return [-slotMs, 0, slotMs].flatMap((ms) => readingOffsetsMs.map((offset) => slotStart(now) + ms + offset));
}

function lateness(socket: Exclude<Socket, CountedSocket>, now: number): Close | null {
  if (now < nextLookAt(socket, now)) return null;
  return socket.phase === "waiting"
    ? { code: closeCodes.late, reason: `expected a first message within ${firstMessageMs / 1000} s` }
    : { code: closeCodes.tryAgain, reason: "the server lost the first message: connect again" };
}

function slotStart(at: number): number {
  return Math.floor(at / slotMs) * slotMs;
}
