import fc from "fast-check";
import { expect, test } from "vitest";
import { readCsv } from "../../worker/http/csv.ts";
import { all, inChunks } from "./chunks.ts";

const read = (text: string | Uint8Array, size = 3, maxBytes = 200) =>
  all(readCsv(inChunks(text, size), maxBytes));

test("fields may be quoted, and hold commas, quotes and newlines; lines are numbered by where they begin", async () => {
  const text = 'user,plan\r\na,"x,y"\r\n"b\r\nc","say ""hi"""\n\n,\n"",last';
  for (const size of [1, 2, 3, 7, 1000]) {
    expect(await read(text, size)).toEqual([
      { line: 1, fields: ["user", "plan"] },
      { line: 2, fields: ["a", "x,y"] },
      { line: 3, fields: ["b\r\nc", 'say "hi"'] },
      { line: 6, fields: ["", ""] },
      { line: 7, fields: ["", "last"] },
    ]);
  }
});

test("whatever is written as RFC 4180 says is read back", async () => {
  const field = fc.string({
    unit: fc.constantFrom("a", "ü", "🙂", '"', ",", "\n", "\r\n", " ", ";"),
    maxLength: 8,
  });
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 20 }), async (records, size) => {
      const text = records
        .map((fields) => fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(","))
        .join("\r\n");
      const fields = (await read(text, size, 10_000)).map((record) => "fields" in record && record.fields);
      expect(fields).toEqual(records);
    }),
  );
});

test("a byte order mark at the beginning is no part of the first name", async () => {
  expect(await read('\ufeff"user",at\na,1')).toEqual([
    { line: 1, fields: ["user", "at"] },
    { line: 2, fields: ["a", "1"] },
  ]);
});

test("a quote inside a field that isn't quoted spoils its record alone", async () => {
  const records = await read('a,5" pipe\nb,"x"y\nc,d');
  expect(records.map(({ line }) => line)).toEqual([1, 2, 3]);
  expect(records.slice(0, 2)).toEqual([
    { line: 1, error: expect.stringContaining("quotes") },
    { line: 2, error: expect.stringContaining("quotes") },
  ]);
  expect(records[2]).toEqual({ line: 3, fields: ["c", "d"] });
});

test("a quote that is never closed costs one record of the greatest length, not the rest", async () => {
  const lines = Array.from({ length: 100 }, (_, index) => `u-${index},x`);
  lines[3] = 'u-3,"x';
  const records = await read(lines.join("\n"), 16, 200);
  expect(records.slice(0, 4)).toEqual([
    { line: 1, fields: ["u-0", "x"] },
    { line: 2, fields: ["u-1", "x"] },
    { line: 3, fields: ["u-2", "x"] },
    { line: 4, error: "longer than 200 bytes: is a quote left open?" },
  ]);
  const last = records.at(-1);
  expect(last).toEqual({ line: 100, fields: ["u-99", "x"] });
  expect(records.length).toBeGreaterThan(60);
});

test("bytes that aren't UTF-8 are refused with their line", async () => {
  const bytes = Uint8Array.of(
    ...new TextEncoder().encode("user\nM"),
    0xfc,
    ...new TextEncoder().encode("ller\nb"),
  );
  expect(await read(bytes)).toEqual([
    { line: 1, fields: ["user"] },
    { line: 2, error: "not UTF-8: expected text in UTF-8" },
    { line: 3, fields: ["b"] },
  ]);
});
