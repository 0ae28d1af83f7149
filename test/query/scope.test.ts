import { expect, test } from "vitest";
import { scopeIn } from "../../worker/query/scope.ts";

const declared = ["platform", "plan"];
const scope = (query: string, dimensions: readonly string[] = declared) =>
  scopeIn(new URLSearchParams(query), ["window", "by", "fresh"], dimensions);

test("a query that names no dimension asks for everyone", () => {
  expect(scope("")).toEqual({ ok: true, value: { of: "everyone" } });
  expect(scope("window=7d&fresh=1")).toEqual({ ok: true, value: { of: "everyone" } });
});

test("`by` splits, and a dimension's name filters by its value", () => {
  expect(scope("by=plan")).toEqual({ ok: true, value: { of: "groups", dimension: "plan" } });
  expect(scope("window=7d&plan=gold")).toEqual({ ok: true, value: { of: "series", series: "plan=gold" } });
  expect(scope("plan=")).toEqual({ ok: true, value: { of: "series", series: "plan=" } });
  expect(scope("plan=a%3Db%26c")).toEqual({ ok: true, value: { of: "series", series: "plan=a=b&c" } });
});

test("one query has one dimension", () => {
  const error = "expected one split or one filter in a query, not several";
  for (const query of ["by=plan&platform=web", "plan=a&platform=b", "by=plan&plan=a"]) {
    expect(scope(query)).toEqual({ ok: false, error });
  }
});

test("what isn't declared is refused with what is, and not quoted", () => {
  for (const query of ["by=tenant", "tenant=acme", "constructor=x", "by="]) {
    expect(scope(query)).toEqual({
      ok: false,
      error: "expected window, by, fresh, or a dimension: platform, plan",
    });
  }
  expect(scope("plan=x", [])).toEqual({
    ok: false,
    error: "expected window, by, fresh, or no dimension is declared",
  });
});
