import { expect, test } from "vitest";
import { mismatch, shapeOf } from "../support/documented-shape.ts";

const documented = shapeOf(
  '{…"at":"2026-11-20T10:02:00Z","rows":[ {"metric":"dau","count":5,…}, {"metric":"mau","count":null}, …],"tags":["a"]}',
);
const answer = {
  app: "acme",
  at: "2026-11-21T00:00:00Z",
  rows: [
    { metric: "dau", count: 7, low: 6 },
    { metric: "mau", count: null },
    { metric: "wau", count: "?" },
  ],
  tags: ["b", "c"],
};

test("an answer that has what is documented is as documented", () => {
  expect(mismatch(documented, answer)).toBeNull();
});

test("an answer that lacks something, has more where nothing is left out, or is of another kind, is not", () => {
  const [dau, mau] = answer.rows;
  for (const [changed, where] of [
    [{ ...answer, at: "2026-11-21" }, ".at: a day, not an instant"],
    [{ ...answer, at: undefined }, ".at: undefined, not an instant"],
    [{ ...answer, rows: [mau] }, ".rows[0].metric: mau, not dau"],
    [{ ...answer, rows: [dau, { ...mau, count: 4 }] }, ".rows[1].count: number, not null"],
    [{ ...answer, rows: [dau, { ...mau, low: null }] }, ".rows[1].low: not documented"],
    [{ ...answer, rows: {} }, ".rows: object, not a list"],
    [{ ...answer, tags: ["b", 1] }, ".tags[1]: number, not a text"],
    [{ ...answer, tags: [] }, ".tags: empty"],
    [[], ": a list, not an object"],
  ] as const) {
    expect(mismatch(documented, changed)).toBe(where);
  }
});

test("what is no JSON is refused", () => {
  for (const text of ['{"a"}', "[1", "{} {}", ""]) expect(() => shapeOf(text)).toThrow(SyntaxError);
});
