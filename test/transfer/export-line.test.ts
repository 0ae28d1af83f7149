import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "../../worker/sketch/index.ts";
import { decodeLine, encodeLine, type ExportRecord, sketchIn } from "../../worker/transfer/export-line.ts";
import { keyId, randomSketch } from "../sketch/random.ts";

const start = Date.UTC(2026, 10, 19);
const counted = { count: 5, low: 4, high: 6 };
const sketch = {
  kind: "day" as const,
  series: "platform=wéb",
  start,
  end: start + 86_400_000,
  bytes: Buffer.from(encode(randomSketch(50, 1))).toString("base64"),
};
const day = {
  date: "2026-11-19",
  from: start,
  to: start + 86_400_000,
  dau: counted,
  wau: counted,
  mau: counted,
  new: counted,
};
const alias = { entry: 0xffffffff, spread: 0, target: null, targetSpread: 0 };
const records: ExportRecord[] = [
  { head: { format: "headcount-export/1", app: "acme", keyId } },
  { settings: { retentionDays: 30, timeZone: "Europe/Berlin" } },
  {
    zones: [
      { from: 0, zone: "UTC" },
      { from: start, zone: "Asia/Tehran" },
    ],
  },
  { sketch },
  { alias },
  { alias: { ...alias, target: 65 } },
  { day },
  { annotation: { day: "2026-11-19", text: "Änderung 💡" } },
  { end: true },
];

const read = (line: string) => decodeLine(JSON.parse(line));

test("a line is read as it was written, of whatever record", () => {
  for (const record of records) {
    const line = encodeLine(record, "sketch.7");
    expect(line).toMatch(/^\{.*\}\n$/);
    expect(read(line)).toEqual({ ok: true, value: record });
  }
});

test("the checksum is the CRC-32 of record and cursor", () => {
  for (const part of records) {
    const line = JSON.parse(encodeLine(part, "day.1")) as { crc: string };
    expect(line.crc).toBe(
      crc32(JSON.stringify([part, "day.1"]))
        .toString(16)
        .padStart(8, "0"),
    );
  }
});

test("a line of which one character was changed is never read as another record", () => {
  const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code));
  fc.assert(
    fc.property(fc.constantFrom(...records), fc.nat(), character, (record, place, other) => {
      const line = encodeLine(record, "sketch.7").trimEnd();
      const at = place % line.length;
      const changed = line.slice(0, at) + other + line.slice(at + 1);
      let input: unknown;
      try {
        input = JSON.parse(changed);
      } catch {
        return;
      }
      const decoded = decodeLine(input);
      if (changed !== line && decoded.ok) expect(decoded.value).toEqual(record);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test("what is no line, is damaged, or comes of a later release is told apart", () => {
  for (const input of [null, 5, {}, { part: {}, cursor: "" }, { part: {}, cursor: 1, crc: "" }]) {
    expect(decodeLine(input)).toEqual({ ok: false, error: "expected a line of an export" });
  }
  const line = JSON.parse(encodeLine({ end: true }, "end.1")) as object;
  expect(decodeLine({ ...line, cursor: "end.2" })).toEqual({
    ok: false,
    error: "damaged: the checksum doesn't match",
  });
  const unknown = [
    { webhook: "https://a.example" },
    { sketch: { ...sketch, bytes: "AAAA" } },
    { sketch: { ...sketch, bytes: "?" } },
    { sketch: { ...sketch, kind: "week" } },
    { sketch: { ...sketch, end: start } },
    { sketch: { ...sketch, end: start - 1 } },
    { sketch: { ...sketch, end: start + 51 * 3_600_000 } },
    { sketch: { ...sketch, start: 0, end: 86_400_000 } },
    { sketch: { ...sketch, start: 8e15, end: 8e15 + 1 } },
    { sketch: { ...sketch, kind: "hour" } },
    { sketch: { ...sketch, kind: "hour", start: start + 1, end: start + 3_600_001 } },
    { sketch: { ...sketch, kind: "slot", end: start + 300_001 } },
    { sketch: { ...sketch, series: "platform" } },
    { sketch: { ...sketch, series: `platform=${"x".repeat(130)}` } },
    { sketch: { ...sketch, series: "--platform=web" } },
    { settings: { retentionDays: 0 } },
    { zones: [] },
    { zones: [{ from: 1, zone: "UTC" }] },
    { zones: [{ from: 0, zone: "Europe/Atlantis" }] },
    { zones: [...Array(2)].map(() => ({ from: 0, zone: "UTC" })) },
    { annotation: { day: "2026-02-30", text: "a" } },
    { annotation: { day: "2026-11-19", text: "a".repeat(201) } },
    { alias: { ...alias, entry: -1 } },
    { alias: { ...alias, entry: 2 ** 32 } },
    { alias: { ...alias, until: 5 } },
    { day: { ...day, date: "2026-02-30" } },
    { day: { ...day, to: start } },
    { day: { ...day, to: start + 51 * 3_600_000 } },
    { day: { ...day, dau: { count: -1, low: 0, high: 0 } } },
    { day: { ...day, dau: { count: 1e13, low: 0, high: 0 } } },
    { zones: Array.from({ length: 1001 }, (_, index) => ({ from: index && start + index, zone: "UTC" })) },
    { head: { format: "headcount-export/2", app: "acme", keyId } },
  ];
  for (const record of unknown) {
    expect([record, read(encodeLine(record as unknown as ExportRecord, ""))]).toEqual([
      record,
      { ok: false, error: expect.stringContaining("unknown to this release") },
    ]);
  }
});

test("a record's sketch is the one that was encoded", () => {
  expect(sketchIn(sketch).keyId).toBe(keyId);
  expect(encode(sketchIn(sketch))).toEqual(encode(randomSketch(50, 1)));
});
