import fc from "fast-check";
import { expect, test } from "vitest";
import { readDay, readInstant, readInstantOrDay } from "../../worker/instant.ts";

const wordsOf = (read: { ok: boolean; error?: string }) => (read.ok ? null : (read.error ?? ""));

test("an instant is Unix milliseconds, as a number or in digits, or ISO 8601 with a zone", () => {
  const at = Date.parse("2026-11-19T10:00:00Z");
  for (const input of [
    at,
    String(at),
    "2026-11-19T10:00Z",
    "2026-11-19T10:00:00Z",
    "2026-11-19T10:00:00.000Z",
    "2026-11-19t10:00:00z",
    "2026-11-19T11:00:00+01:00",
    "2026-11-19T11:00:00+0100",
    "2026-11-19T11+01:00".replace("T11", "T11:00"),
    "2026-11-19 10:00:00+00",
    "2026-11-19 10:00:00.000000+00",
    "2026-11-19T15:45:00+05:45",
    "2026-11-18T22:00:00-12:00",
  ]) {
    expect([input, readInstant(input)]).toEqual([input, { ok: true, value: at }]);
  }
});

test("every instant from 1970 to 9999 is read as it was written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
      expect(readInstant(new Date(at).toISOString())).toEqual({ ok: true, value: at });
      if (at >= 1e11) expect(readInstant(at)).toEqual({ ok: true, value: at });
    }),
  );
});

test("a day or a time that doesn't exist is refused, in an instant too", () => {
  for (const day of ["2026-02-30", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-11-00"]) {
    expect([day, wordsOf(readDay(day))]).toEqual([day, expect.stringContaining("a day that exists")]);
    expect([day, wordsOf(readInstantOrDay(day))]).toEqual([day, expect.stringContaining("exists")]);
    const instant = `${day}T10:00:00Z`;
    expect([instant, wordsOf(readInstant(instant))]).toEqual([instant, expect.stringContaining("exist")]);
  }
  expect(wordsOf(readInstant("2026-11-19T25:00:00Z"))).toContain("exist");
  expect(wordsOf(readInstant("2026-11-19T10:60:00Z"))).toContain("exist");
  expect(readDay("2028-02-29")).toEqual({ ok: true, value: "2028-02-29" });
});

test("a number of another unit is noticed", () => {
  expect(wordsOf(readInstant(1_795_203_773))).toBe("looks like seconds: expected milliseconds");
  expect(wordsOf(readInstant("1795203773"))).toBe("looks like seconds: expected milliseconds");
  expect(wordsOf(readInstant(1_795_203_773.25))).toBe("looks like seconds: expected milliseconds");
  expect(wordsOf(readInstant(1_795_203_773_000_000))).toContain("looks like microseconds");
  expect(wordsOf(readInstant("1795203773000000000"))).toContain("looks like microseconds");
  expect(wordsOf(readInstant(1_795_203_773_000, "s"))).toBe("looks like milliseconds: expected seconds");
});

test("seconds are taken where they are asked for, with parts of them", () => {
  expect(readInstant(1_795_203_773, "s")).toEqual({ ok: true, value: 1_795_203_773_000 });
  expect(readInstant("1795203773.125", "s")).toEqual({ ok: true, value: 1_795_203_773_125 });
  expect(readInstant("2026-11-19T10:00:00Z", "s")).toEqual(readInstant("2026-11-19T10:00:00Z"));
});

test("what is no instant is refused in words that show one, and never repeats what was sent", () => {
  for (const input of [
    null,
    undefined,
    true,
    {},
    [1_795_203_773_000],
    "",
    " ",
    "yesterday",
    "alice",
    "19.11.2026 10:00",
    "11/19/2026",
    "Thu, 19 Nov 2026 10:00:00 GMT",
    "2026-11-19T10:00:00",
    "2026-11-19 10:00:00 UTC",
    "2026-11-19T10:00:00+01:00[Europe/Berlin]",
    "20261119T100000Z",
    "2026-W47-4",
    "+002026-11-19T10:00:00Z",
    1.5,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    253_402_300_800_000,
    "1960-01-01T00:00:00Z",
    "1e12",
    "0x1A2B",
  ]) {
    const words = wordsOf(readInstant(input));
    expect([input, words]).toEqual([input, expect.stringContaining("expected")]);
    if (typeof input === "string" && input.length > 4) expect(words).not.toContain(input);
  }
  expect(wordsOf(readInstant("2026-11-19T10:00:00"))).toContain("a zone at the end");
  expect(wordsOf(readInstant("2026-11-19"))).toContain("ISO 8601 with a zone");
});
