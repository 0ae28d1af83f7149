import { expect, test } from "vitest";
import type { DayRow } from "../../worker/counting/history.ts";
import {
  type Facts,
  type Notice,
  noticesOf,
  type Silence,
  type Told,
} from "../../worker/counting/notices.ts";
import type { Webhook } from "../../worker/counting/webhooks.ts";

const dayMs = 86_400_000;
/** A Monday. */
const first = Date.parse("2026-03-02");

/** A count whose interval is 2 % to either side. */
const about = (count: number) => ({ count, low: Math.round(count * 0.98), high: Math.round(count * 1.02) });

/** Rows of days on end, the first of them a Monday, by their daily active users. */
function rowsOf(counts: readonly number[]): DayRow[] {
  return counts.map((count, day) => {
    const from = first + day * dayMs;
    return {
      date: new Date(from).toISOString().slice(0, 10),
      from,
      to: from + dayMs,
      dau: about(count),
      wau: about(count * 2),
      mau: about(count * 4),
      new: about(1),
    };
  });
}

const noSilence: Silence = { from: 0, to: 0, isSilent: false, usual: 0 };

/** One webhook that is told of each day as it closes, or of some of them only. */
class Listener {
  readonly #webhook: Webhook;
  #told: Told | null = null;

  constructor(some: Partial<Webhook>) {
    this.#webhook = { url: "https://example.com/", secret: "", events: [], thresholds: [], ...some };
  }

  /** What it is told as of these facts. */
  hear(rows: readonly DayRow[], silence: Silence = noSilence): Notice[] {
    const facts: Facts = { app: "shop", rows, silence: () => silence };
    const { notices, told } = noticesOf(this.#webhook, this.#told, facts);
    // As what is stored, and read after a restart.
    this.#told = JSON.parse(JSON.stringify(told)) as Told;
    return notices;
  }

  /** Short forms of what it is told while days close one after the other. */
  follow(rows: readonly DayRow[], from = 1): string[] {
    return rows.slice(from - 1).flatMap((row, index) =>
      // Each hour it is looked at again.
      [1, 2].flatMap(() =>
        this.hear(rows.slice(0, from + index)).map(({ event, state }) =>
          [row.date.slice(5), event, state].filter(Boolean).join(" "),
        ),
      ),
    );
  }
}

const steady = (days: number) => Array.from({ length: days }, () => 1000);

test("each day is reported once, each week on its end, and the first time that it is set", () => {
  const listener = new Listener({ events: ["daily", "weekly"] });
  expect(listener.follow(rowsOf(steady(9)))).toEqual([
    "03-02 hello",
    "03-02 daily",
    "03-03 daily",
    "03-04 daily",
    "03-05 daily",
    "03-06 daily",
    "03-07 daily",
    "03-08 daily",
    "03-08 weekly",
    "03-09 daily",
    "03-10 daily",
  ]);
});

test("after days in which nobody looked only the newest is reported", () => {
  const listener = new Listener({ events: ["daily", "weekly"] });
  const rows = rowsOf(steady(40));
  listener.hear(rows.slice(0, 3));
  const notices = listener.hear(rows);
  expect(notices.map(({ event, data }) => [event, (data as { day: string }).day])).toEqual([
    ["daily", "2026-04-10"],
    ["weekly", "2026-04-05"],
  ]);
  // A clock that was ahead has closed days that are still to come.
  expect(listener.hear(rows.slice(0, 20))).toEqual([]);
});

test("a report has the figures with their intervals, and the change on the same weekday with its", () => {
  const listener = new Listener({ events: ["daily", "weekly"] });
  const counts = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1200];
  const [, daily, weekly] = listener.hear(rowsOf(counts));
  expect(daily).toEqual({
    event: "daily",
    text: "shop, Sunday 2026-03-15: 1,200 (1,176 to 1,224) daily active users, +20.0 % on the week before. In the 7 days to then 2,400 (2,352 to 2,448), in 30 days 4,800 (4,704 to 4,896).",
    data: {
      day: "2026-03-15",
      dau: about(1200),
      wau: about(2400),
      mau: about(4800),
      weekBefore: { day: "2026-03-08", dau: about(1000) },
      change: { value: 20, low: 16.7, high: 23.4 },
    },
  });
  expect(weekly).toMatchObject({
    text: "shop, week to Sunday 2026-03-15: 2,400 (2,352 to 2,448) weekly active users, +20.0 % on the week before. In the 30 days to then 4,800 (4,704 to 4,896).",
    data: { weekBefore: { day: "2026-03-08", wau: about(2000) } },
  });
});

test("a first day is reported without a change, and a day without anybody too", () => {
  const [, notice] = new Listener({ events: ["daily"] }).hear(rowsOf([5]));
  expect(notice).toMatchObject({ data: { weekBefore: null, change: null } });
  const nobody = new Listener({ events: ["daily"] }).hear(rowsOf([...steady(7), 0]));
  expect(nobody[1]).toMatchObject({ data: { dau: about(0), change: null } });
});

test("a drop or a spike rings once as it begins and once as it is over, however long it lasts", () => {
  const counts = [...steady(42), 980, 500, 450, 500, 1010, 990, 2500, 1000];
  const listener = new Listener({ events: ["spike", "drop"] });
  expect(listener.follow(rowsOf(counts), 42)).toEqual([
    "04-12 hello",
    "04-14 drop begun",
    "04-17 drop over",
    "04-19 spike begun",
    "04-20 spike over",
  ]);
  expect(new Listener({ events: ["drop"] }).follow(rowsOf(counts), 42).join()).not.toContain("spike");
});

test("a day rings only where its whole interval is out of the usual, and the words say what that would be", () => {
  const listener = new Listener({ events: ["drop"] });
  const usual = steady(42);
  listener.hear(rowsOf(usual));
  // Usual from 750 on: 740 may be 755.
  expect(listener.hear(rowsOf([...usual, 740]))).toEqual([]);
  const [notice] = listener.hear(rowsOf([...usual, 740, 700]));
  expect(notice).toEqual({
    event: "drop",
    state: "begun",
    text: "shop, Tuesday 2026-04-14: unusually few daily active users, 700 (686 to 714) (usual on that weekday: 750 to 1,333).",
    data: { day: "2026-04-14", dau: about(700), usual: { low: 750, high: 1333 } },
  });
});

test("a threshold rings once its figure is surely beyond it, and is over once it is surely back", () => {
  const listener = new Listener({
    thresholds: [
      { metric: "dau", below: 100 },
      { metric: "mau", above: 5000 },
    ],
  });
  // 99 may be 101, and 101 is not far enough back to say so.
  const counts = [200, 99, 95, 101, 95, 103, 120, 1260, 1300, 1240, 1150];
  expect(listener.follow(rowsOf(counts))).toEqual([
    "03-02 hello",
    "03-04 threshold begun",
    "03-08 threshold over",
    "03-10 threshold begun",
    "03-12 threshold over",
  ]);
  const again = new Listener({ thresholds: [{ metric: "dau", below: 100 }] }).hear(rowsOf([50]));
  expect(again[1]).toEqual({
    event: "threshold",
    state: "begun",
    text: "shop, Monday 2026-03-02: daily active users are below 100: 50 (49 to 51).",
    data: { day: "2026-03-02", metric: "dau", below: 100, dau: about(50) },
  });
});

test("silence is told at once, and its end; where it can't be told nothing changes", () => {
  const listener = new Listener({ events: ["silence"] });
  const from = Date.parse("2026-03-02T03:00:00Z");
  const silence = { from, to: from + 3 * 3_600_000, isSilent: true, usual: 1234 };
  expect(listener.hear([])).toMatchObject([{ event: "hello" }]);
  const [begun, ...more] = listener.hear([], silence);
  expect(more).toEqual([]);
  expect(begun).toEqual({
    event: "silence",
    state: "begun",
    text: "shop: nobody has been active since 2026-03-02 03:00 UTC. In the same hours of each of the last four weeks there were at least 1,234 people.",
    data: { from: "2026-03-02T03:00:00.000Z", to: "2026-03-02T06:00:00.000Z", usual: 1234 },
  });
  expect(listener.hear([], silence)).toEqual([]);
  expect(listener.hear([], { ...silence, isSilent: null })).toEqual([]);
  expect(listener.hear([])).toMatchObject([{ event: "silence", state: "over" }]);
});
