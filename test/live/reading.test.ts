import fc from "fast-check";
import { expect, test } from "vitest";
import { closeCodes, slotMs } from "../../sdk/wire.ts";
import { Calendar } from "../../worker/counting/calendar.ts";
import { judge, nextAlarm, nextLookAt } from "../../worker/live/reading.ts";
import { requestFacts } from "../../worker/http/request-facts.ts";
import type { Socket } from "../../worker/live/socket.ts";
import { type Held, newSocket, punctual, runGate, signsOf, slotOf } from "./held-sockets.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const midnight = Date.parse("2026-11-21T00:00:00Z");
const at = (time: string) => Date.parse(`2026-11-${time}Z`);
const always = (from: number, to: number) => [{ from, to }];

/** Pairs of user and slot, sorted. */
function slots(signs: Iterable<{ user: number; at: number }>): string[] {
  return [
    ...new Set(Array.from(signs, ({ user, at: time }) => `${user} ${new Date(slotOf(time)).toISOString()}`)),
  ].toSorted();
}

/** Any sockets of any people over two hours, visible now and then for half a minute or longer. */
const anySockets = fc.array(
  fc.record({
    user: fc.nat({ max: 5 }),
    from: fc.nat({ max: 2 * 3600 }),
    seconds: fc.nat({ max: 3600 }),
    hiddenEvery: fc.integer({ min: 60, max: 3600 }),
    hiddenFor: fc.integer({ min: 0, max: 600 }),
  }),
  { maxLength: 12 },
);

function held({
  user,
  from,
  seconds,
  hiddenEvery,
  hiddenFor,
}: typeof anySockets extends fc.Arbitrary<(infer T)[]> ? T : never): Held {
  const start = midnight - hourMs + from * 1000;
  const visible = [];
  for (let second = 0; second < seconds; second += hiddenEvery + hiddenFor) {
    visible.push({ from: start + second * 1000, to: start + (second + hiddenEvery) * 1000 });
  }
  return { user, from: start, to: start + seconds * 1000, visible };
}

test("who is connected over midnight counts in each slot of both days", () => {
  const socket = { user: 1, from: at("20T23:52:10"), to: at("21T00:11:00"), visible: always(0, Infinity) };
  const { counted } = runGate([socket], punctual, at("21T01:00:00"));
  expect(slots(counted)).toEqual(
    ["20T23:50", "20T23:55", "21T00:00", "21T00:05", "21T00:10"].map((time) => `1 2026-11-${time}:00.000Z`),
  );
});

test("nobody counts in a slot in which there was no sign of life", () => {
  fc.assert(
    fc.property(anySockets, fc.boolean(), (recipes, isDoubled) => {
      const sockets = recipes.map(held);
      const truth = slots(
        sockets.flatMap((socket) => signsOf(socket).map((time) => ({ user: socket.user, at: time }))),
      );
      const { counted } = runGate(
        sockets,
        { ...punctual, isDoubled: () => isDoubled },
        midnight + 4 * hourMs,
      );
      for (const slot of slots(counted)) expect(truth).toContain(slot);
    }),
    { numRuns: 300 },
  );
});

test("each slot with a sign of life counts, but for one that began in its last ten seconds", () => {
  fc.assert(
    fc.property(anySockets, (recipes) => {
      const sockets = recipes.map(held);
      const clear = sockets.flatMap((socket) => {
        const signs = signsOf(socket);
        // What a socket is closed with is read at once, and so is its first message.
        const isClear = (sign: number) =>
          sign % slotMs < slotMs - 10_000 ||
          sign === socket.from ||
          slotOf(sign) === slotOf(signs.at(-1) as number);
        return signs.filter(isClear).map((sign) => ({ user: socket.user, at: sign }));
      });
      const { counted, closed } = runGate(sockets, punctual, midnight + 4 * hourMs);
      // A page that was hidden for ten minutes has to connect again, which these don't.
      fc.pre(closed.length === 0);
      const found = slots(counted);
      for (const slot of slots(clear)) expect(found).toContain(slot);
    }),
    { numRuns: 300 },
  );
});

test("who stays connected counts in every slot however late alarms come, up to an hour", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 55 * 60 }), { minLength: 1, maxLength: 20 }),
      fc.nat({ max: 600 }),
      (late, start) => {
        const socket = {
          user: 1,
          from: midnight - hourMs + start * 1000,
          to: midnight + 2 * hourMs,
          visible: always(0, Infinity),
        };
        const lateMs = (alarm: number) => (late[alarm % late.length] as number) * 1000;
        const { counted } = runGate(
          [socket],
          { lateMs, isDoubled: (alarm) => alarm % 3 === 0 },
          midnight + 6 * hourMs,
        );
        expect(slots(counted)).toEqual(slots(signsOf(socket).map((time) => ({ user: 1, at: time }))));
      },
    ),
    { numRuns: 300 },
  );
});

test("an alarm that is a day late fills no more than an hour", () => {
  const socket = newSocket(midnight);
  const pingAt = midnight + 24 * hourMs;
  const { times } = judge(socket, pingAt, pingAt + 1000);
  expect(Math.min(...times)).toBe(pingAt - hourMs);
  expect(times).toHaveLength(13);
});

test("days are the app's own, also in zones off the hour", () => {
  for (const [zone, time] of [
    ["Asia/Kathmandu", "20T18:15:00"],
    ["Australia/Eucla", "20T15:15:00"],
    ["America/St_Johns", "21T03:30:00"],
    ["UTC", "21T00:00:00"],
  ] as const) {
    const calendar = new Calendar([{ from: 0, zone }]);
    expect(calendar.isDayBoundary(at(time))).toBe(true);
    const socket = {
      user: 1,
      from: at(time) - 2 * minuteMs,
      to: at(time) + 40_000,
      visible: always(0, Infinity),
    };
    const { counted } = runGate([socket], punctual, at(time) + hourMs);
    expect([zone, new Set(counted.map((sign) => calendar.dayAt(sign.at).start)).size]).toEqual([zone, 2]);
  }
});

test("a second look finds nothing new", () => {
  const socket = newSocket(midnight - minuteMs);
  const now = midnight + 50_000;
  const first = judge(socket, now - 5000, now);
  expect(first).toEqual({ times: [now - 5000], isRead: true, close: null });
  const after = { ...socket, countedAt: now - 5000, readAt: now };
  expect(judge(after, now - 5000, now)).toEqual({ times: [], isRead: false, close: null });
});

test("a slot is counted once, however often it is read", () => {
  const socket = newSocket(midnight);
  const { times, isRead } = judge(socket, midnight + 280_000, midnight + 290_000);
  expect([times, isRead]).toEqual([[], true]);
});

test("a hidden page that pings again counts from then on, and not for the time it was hidden", () => {
  const visible = [
    { from: midnight, to: midnight + 2 * minuteMs },
    { from: midnight + 11 * minuteMs, to: Infinity },
  ];
  const { counted, closed } = runGate(
    [{ user: 1, from: midnight, to: midnight + 14 * minuteMs, visible }],
    punctual,
    midnight + hourMs,
  );
  expect(slots(counted)).toEqual(["00:00", "00:10"].map((time) => `1 2026-11-21T${time}:00.000Z`));
  expect(closed).toEqual([]);
});

test("a socket that is silent for ten minutes is closed, and one that is pinged never is", () => {
  const sockets = [
    { user: 1, from: midnight, to: Infinity, visible: always(midnight, midnight + minuteMs) },
    { user: 2, from: midnight, to: midnight + 5 * hourMs, visible: always(0, Infinity) },
  ];
  const { closed } = runGate(sockets, punctual, midnight + 6 * hourMs);
  expect(closed.map(({ user, code }) => [user, code])).toEqual([[1, closeCodes.tryAgain]]);
  const silence = (closed[0]?.at as number) - (midnight + 30_000);
  expect(silence).toBeGreaterThan(10 * minuteMs);
  expect(silence).toBeLessThanOrEqual(15 * minuteMs);
});

test("a socket has to be opened anew after its time", () => {
  const socket = newSocket(midnight, midnight + hourMs);
  expect(nextLookAt(socket, midnight + hourMs - 1000)).toBe(midnight + hourMs);
  expect(judge(socket, midnight + hourMs - 1000, midnight + hourMs - 1).close).toBeNull();
  expect(judge(socket, midnight + hourMs - 1000, midnight + hourMs).close?.code).toBe(closeCodes.tryAgain);
});

test("a socket that is closed for its age is read once more", () => {
  const closesAt = midnight + hourMs + 20_000;
  const socket = {
    ...newSocket(midnight, closesAt),
    countedAt: closesAt - 80_000,
    readAt: closesAt - 30_000,
  };
  expect(judge(socket, closesAt - 5000, closesAt).times).toEqual([closesAt - 5000]);
});

test("a gate looks again at what comes first, and at what it could not count after a wait", () => {
  const closesAt = midnight + hourMs;
  const [old, young] = [newSocket(midnight, closesAt), newSocket(midnight, closesAt + hourMs)];
  const nextReading = nextLookAt(young, closesAt);
  expect(nextReading).toBeGreaterThan(closesAt + 10_000);
  expect(nextAlarm([], closesAt, null, closesAt)).toBeNull();
  expect(nextAlarm([young], closesAt, null, closesAt)).toBe(nextReading);
  expect(nextAlarm([old, young], closesAt - 5000, null, closesAt - 5000)).toBe(closesAt);
  // Its shard can't be reached: it isn't looked at again and again in the meantime.
  expect(nextAlarm([old, young], closesAt, closesAt + 4000, closesAt + 2000)).toBe(closesAt + 4000);
  expect(nextAlarm([old], closesAt, closesAt + 4000, closesAt + 6000)).toBe(closesAt + 6000);
});

test("an alarm that rings before its time by the gate's clock doesn't ring at once again", () => {
  const socket = newSocket(midnight);
  const due = nextLookAt(socket, midnight);
  expect(nextAlarm([socket], due - 1, null, due - 1)).toBe(due - 1 + 1000);
});

test("a first message has ten seconds, and a minute to be judged", () => {
  const facts = requestFacts(new Request("https://headcount.test/"), undefined);
  const waiting: Socket = { phase: "waiting", place: 1, openedAt: midnight, facts };
  const nothing = { times: [], isRead: false, close: null };
  expect(nextLookAt(waiting, midnight)).toBe(midnight + 10_000);
  expect(judge(waiting, null, midnight + 9999)).toEqual(nothing);
  // A ping says nothing of who it is.
  expect(judge(waiting, midnight + 9000, midnight + 10_000)).toEqual({
    ...nothing,
    close: { code: closeCodes.late, reason: "expected a first message within 10 s" },
  });
  const judging: Socket = { phase: "judging", openedAt: midnight };
  expect(judge(judging, null, midnight + 59_999)).toEqual(nothing);
  expect(judge(judging, null, midnight + minuteMs)).toEqual({
    ...nothing,
    close: { code: closeCodes.tryAgain, reason: "the server lost the first message: connect again" },
  });
});

test("a socket is told why it is closed, and is silent for too long only after ten minutes", () => {
  const socket = newSocket(midnight);
  const closedAt = (now: number) => judge(socket, midnight, now).close;
  expect(closedAt(midnight + 10 * minuteMs)).toBeNull();
  expect(closedAt(midnight + 10 * minuteMs + 1)).toEqual({
    code: closeCodes.tryAgain,
    reason: "no ping for too long: connect again when somebody uses the app",
  });
  expect(judge(newSocket(midnight, midnight + hourMs), midnight, midnight + hourMs).close).toEqual({
    code: closeCodes.tryAgain,
    reason: "open for a day: connect again",
  });
});
