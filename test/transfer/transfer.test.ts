import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import type { UserHash } from "../../worker/counting/user-hash.ts";
import { encode } from "../../worker/sketch/index.ts";
import { decodeLine, encodeLine, type ExportRecord } from "../../worker/transfer/export-line.ts";
import { exportPage } from "../../worker/transfer/export-page.ts";
import { importRecords } from "../../worker/transfer/import-records.ts";
import { keyId, randomEntries, randomSketch, sketchOf } from "../sketch/random.ts";
import { MemoryExportStore } from "./export-store.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-20T10:02:00Z");
const midnight = Date.parse("2026-11-20T00:00:00Z");
const users = Array.from(randomEntries(6, 9), (entry, index) => ({ entry, shardHash: index }));

interface Home {
  store: MemoryExportStore;
  state: RollupState;
}

function newHome(): Home {
  const store = new MemoryExportStore();
  return { store, state: new RollupState(store, keyId) };
}

let home: Home;

/** An app with ten days of history, settings, links, somebody who is excluded, and days that are closed. */
beforeEach(() => {
  home = newHome();
  const { state } = home;
  state.settings.change({ retentionDays: 90, dimensions: ["plan"], keyRevision: 1 }, now);
  state.settings.change({ keyRevisions: { read: 2 } }, now);
  for (let ago = 1; ago <= 10; ago++) {
    const start = midnight - ago * dayMs;
    const of = { kind: "day" as const, start, end: start + dayMs };
    state.absorb([
      { ...of, series: "", sketch: encode(randomSketch(20 * ago, ago)) },
      { ...of, series: "plan=gold", sketch: encode(randomSketch(ago, ago)) },
    ]);
  }
  state.recordHistory(now);
  const [a, b, c, d, e, f] = users as [UserHash, UserHash, UserHash, UserHash, UserHash, UserHash];
  for (const [user, to] of [
    [a, b],
    [b, c],
    [e, f],
  ] as const) {
    state.identities.change([{ do: "link", user, to, onlyIfFree: false }]);
  }
  state.identities.change([{ do: "exclude", user: d }]);
  state.annotations.put([
    { day: "2026-11-19", text: "Launch" },
    { day: "2026-11-12", text: "Änderung 💡" },
  ]);
});

/** All records of an app, a page of so many at a time, by way of their lines. */
function exported({ state, store }: Home, limit: number): ExportRecord[] {
  const records: ExportRecord[] = [];
  for (let cursor = ""; ;) {
    const page = exportPage(state, store, "acme", cursor, limit);
    if (page.length === 0) return records;
    expect(page.length).toBeLessThanOrEqual(Math.max(limit, 2));
    for (const { record, cursor: after } of page) {
      const decoded = decodeLine(JSON.parse(encodeLine(record, after)));
      if (!decoded.ok) throw new Error(decoded.error);
      records.push(decoded.value);
      cursor = after;
    }
  }
}

const take = (
  { state, store }: Home,
  records: readonly ExportRecord[],
  withSettings = false,
  keyRevision = 2,
) => importRecords(state, store, records, { withSettings, keyRevision }, now);
const figures = ({ state, store }: Home) => ({
  sketches: store.dump(),
  days: store.dayRows(0, now),
  config: state.settings.config(),
  annotations: state.annotations.list(),
  targets: users.map(({ entry }) => store.getAlias(entry)?.target),
});

test("pages of any size give each record once, and the same ones", () => {
  const whole = exported(home, 1000);
  expect(whole.map((record) => Object.keys(record)[0])).toEqual([
    "head",
    "zones",
    "settings",
    ...Array(20).fill("sketch"),
    ...Array(4).fill("alias"),
    ...Array(10).fill("day"),
    ...Array(2).fill("annotation"),
  ]);
  for (const limit of [1, 2, 3, 7, 20]) expect(exported(home, limit)).toEqual(whole);
});

test("an export goes on after any of its cursors", () => {
  const whole = exported(home, 1000);
  let cursor = "";
  for (let given = 0; given < whole.length;) {
    const page = exportPage(home.state, home.store, "acme", cursor, 3);
    for (const { record, cursor: after } of page) {
      expect(record).toEqual(whole[given++]);
      const [next] = exportPage(home.state, home.store, "acme", after, 1);
      // After the first of the two that are given together comes the second or what follows both.
      if (after !== "meta.1") expect(next?.record).toEqual(whole[given]);
      cursor = after;
    }
  }
});

test("an app that is taken in elsewhere is there what it was, however often and in whatever pieces", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
      fc.boolean(),
      (cuts, isTwice) => {
        const other = newHome();
        const all = exported(home, 5);
        const records = isTwice ? [...all, ...all] : all;
        let at = 0;
        for (const size of [...cuts, records.length]) {
          expect(take(other, records.slice(at, at + size))).toBeNull();
          at += size;
        }
        expect(figures(other)).toEqual(figures(home));
        expect(exported(other, 100)).toHaveLength(all.length);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
});

test("an app that has counted somebody keeps its settings unless it is told otherwise", () => {
  const other = newHome();
  const start = midnight - dayMs;
  const part = { kind: "day" as const, start, end: start + dayMs, series: "" };
  other.state.absorb([{ ...part, sketch: encode(sketchOf([users[0]?.entry as number])) }]);
  other.state.settings.change({ retentionDays: 7, keyRevisions: { pub: 1 } }, now);
  other.state.settings.change({ keyRevisions: { pub: 2 } }, now);
  expect(take(other, exported(home, 100))).toBeNull();
  expect(other.state.settings.config().settings).toMatchObject({ retentionDays: 7, keyRevision: 0 });
  expect(take(other, exported(home, 100), true)).toBeNull();
  // Keys that were retired here stay so.
  expect(other.state.settings.config().settings).toMatchObject({
    retentionDays: 90,
    keyRevisions: { pub: 2, read: 2, secret: 1, share: 1 },
  });
  // Both apps' people are there.
  const { count } = other.state.count(start, start + dayMs, now);
  expect(count).toBe(21);
});

test("a day that has an annotation keeps it when another place has one too", () => {
  const other = newHome();
  other.state.annotations.put([{ day: "2026-11-12", text: "Here" }]);
  expect(take(other, exported(home, 100))).toBeNull();
  expect(other.state.annotations.list()).toEqual([
    { day: "2026-11-12", text: "Here" },
    { day: "2026-11-19", text: "Launch" },
  ]);
});

test("no file retires the key with which it is imported", () => {
  const records: ExportRecord[] = [{ settings: { keyRevisions: { secret: 999_999 } } }];
  const other = newHome();
  expect(take(other, records)).toBe(
    "settings: keyRevisions.secret: the export has revision 999999: import it with a secret key of that revision or a later one",
  );
  expect(other.state.settings.config().settings.keyRevision).toBe(0);
  expect(take(other, [{ settings: { keyRevision: 3 } }], false, 3)).toBeNull();
  expect(other.state.settings.config().settings.keyRevision).toBe(3);
});

test("settings that don't go together are refused, with where", () => {
  const records: ExportRecord[] = [{ settings: { identity: "signed" } }];
  expect(take(newHome(), records)).toBe(
    "settings: identity: signed requires the jwt setting, which says how identities are signed",
  );
});

test("days that are cut otherwise are refused where somebody has been counted", () => {
  const zones: ExportRecord = { zones: [{ from: 0, zone: "Asia/Kathmandu" }] };
  expect(take(home, [zones])).toContain("days are cut otherwise here");
  const other = newHome();
  expect(take(other, [zones])).toBeNull();
  expect(other.state.calendar.zone).toBe("Asia/Kathmandu");
  expect(other.state.settings.config().settings.timeZone).toBe("Asia/Kathmandu");
  expect(take(other, exported(home, 100).slice(3))).toBeNull();
  expect(take(other, [zones])).toBeNull();
});

test("what is known here of a closed day and of who counts as whom goes before what an export says", () => {
  const [row] = home.store.dayRows(0, now);
  const [alias] = home.store.aliasesAfter(0);
  if (row === undefined || alias === undefined) throw new Error("nothing to export");
  const { entry, shardHash, targetShardHash } = alias;
  expect(
    take(home, [
      { day: { ...row, dau: { count: 1, low: 1, high: 1 } } },
      { alias: { entry, spread: shardHash, target: null, targetSpread: targetShardHash } },
    ]),
  ).toBeNull();
  expect(home.store.dayRows(0, now)[0]).toEqual(row);
  expect(home.store.getAlias(entry)?.target).toBe(alias.target);
});

test("heads and ends are taken for nothing", () => {
  const before = figures(home);
  expect(
    take(home, [{ head: { format: "headcount-export/1", app: "x", keyId: 1 } }, { end: true }]),
  ).toBeNull();
  expect(figures(home)).toEqual(before);
});
