import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { countryOf } from "../../worker/http/country.ts";
import { requestFacts } from "../../worker/http/request-facts.ts";

const zoneTable = "/usr/share/zoneinfo/iso3166.tab";

function assignedCodes(): string[] | null {
  try {
    const lines = readFileSync(zoneTable, "utf8").split("\n");
    return lines.flatMap((line) => /^([A-Z]{2})\t/.exec(line)?.[1] ?? []);
  } catch {
    return null;
  }
}

const assigned = assignedCodes();
const letters = Array.from({ length: 26 }, (_, index) => String.fromCodePoint(65 + index));
const pairs = letters.flatMap((first) => letters.map((second) => first + second));

test.skipIf(assigned === null)(`the countries are those of ${zoneTable}`, () => {
  expect(pairs.filter((pair) => countryOf(pair) !== null)).toEqual(assigned?.toSorted());
});

test("a header tells a country or none, in capitals or not", () => {
  const told: [string | null, string | null][] = [
    ["DE", "DE"],
    [" nz ", "NZ"],
    [null, null],
    ["", null],
    ["XX", null],
    ["T1", null],
    ["DEU", null],
    ["DE, FR", null],
    ["Germany", null],
  ];
  for (const [header, country] of told) expect([header, countryOf(header)]).toEqual([header, country]);
});

test("the country is taken of the header that is named, and of no other", () => {
  const request = Object.assign(
    new Request("https://headcount.test/", { headers: { "x-country": "AT", "cf-ipcountry": "FR" } }),
    { cf: { country: "DE" } },
  );
  expect(requestFacts(request, undefined).country).toBe("DE");
  expect(requestFacts(request, undefined, "x-country").country).toBe("AT");
  expect(requestFacts(request, undefined, "x-absent").country).toBeNull();
});
