import { beforeEach, expect, test } from "vitest";
import { encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { encodeLine, type ExportRecord } from "../../worker/transfer/export-line.ts";
import { ExportReader } from "../../worker/transfer/export-reader.ts";

const keyId = 7;
const head: ExportRecord = { head: { format: "headcount-export/1", app: "acme", keyId } };
const end: ExportRecord = { end: true };
const alias: ExportRecord = { alias: { entry: 1, spread: 2, target: 3, targetSpread: 4 } };
const sketchUnder = (key: number): ExportRecord => ({
  sketch: {
    kind: "slot",
    series: "",
    start: Date.UTC(2026, 10, 19),
    end: Date.UTC(2026, 10, 19) + 300_000,
    bytes: Buffer.from(encode(new HyperLogLog(key))).toString("base64"),
  },
});

let reader: ExportReader;
let line: number;

beforeEach(() => {
  reader = new ExportReader({ app: "acme", keyId });
  line = 0;
});

const read = (record: ExportRecord) =>
  reader.read(++line, { value: JSON.parse(encodeLine(record, "cursor.1")) as unknown });

test("between head and end each record is taken, and counted", () => {
  expect(read(head)).toEqual({ ok: true, value: null });
  expect(read(sketchUnder(keyId))).toEqual({ ok: true, value: sketchUnder(keyId) });
  expect(reader.hasAliases).toBe(false);
  expect(read(alias)).toEqual({ ok: true, value: alias });
  expect(read(sketchUnder(keyId)).ok).toBe(true);
  expect(read(end)).toEqual({ ok: true, value: null });
  expect(reader.finish()).toEqual({ ok: true, value: null });
  expect(reader).toMatchObject({ records: 3, lastLine: 5, hasAliases: true });
});

test("exports may follow each other", () => {
  for (const record of [head, end, head, alias, end]) expect(read(record).ok).toBe(true);
  expect(reader.finish().ok).toBe(true);
});

test("a file that stops in the middle, or has nothing in it, says where to go on", () => {
  expect(reader.finish()).toMatchObject({
    ok: false,
    why: "damaged-export",
    error: expect.stringMatching(/^the export is incomplete: it ends after line 0/),
  });
  read(head);
  read(alias);
  expect(reader.finish()).toMatchObject({ error: expect.stringContaining("it ends after line 2") });
});

test("records before a head, or after an end, are refused with their line", () => {
  const refusal = (number: number) => ({
    ok: false,
    why: "damaged-export",
    error: `line ${number}: expected the head of an export first`,
  });
  expect(read(alias)).toEqual(refusal(1));
  read(head);
  read(end);
  expect(read(alias)).toEqual(refusal(4));
  expect(reader.records).toBe(0);
});

test("an export of another app, or counted under another secret, is a conflict", () => {
  expect(read({ head: { format: "headcount-export/1", app: "other", keyId } })).toEqual({
    ok: false,
    why: "conflict",
    error: "line 1: this is an export of the app other: import it with a key of that app",
  });
  expect(read({ head: { format: "headcount-export/1", app: "acme", keyId: 8 } })).toMatchObject({
    why: "conflict",
    error: expect.stringContaining("line 2: it was counted under another HEADCOUNT_SECRET"),
  });
  read(head);
  expect(read(sketchUnder(8))).toMatchObject({
    why: "conflict",
    error: "line 4: a sketch was counted under another key than the head of the export names",
  });
});

test("a line that can't be read is damage, and what it held is not quoted", () => {
  expect(reader.read(3, { error: "not JSON: alice" })).toEqual({
    ok: false,
    why: "damaged-export",
    error: "line 3: not JSON, or too long",
  });
  expect(reader.read(4, { value: { alice: 1 } })).toEqual({
    ok: false,
    why: "damaged-export",
    error: "line 4: expected a line of an export",
  });
});
