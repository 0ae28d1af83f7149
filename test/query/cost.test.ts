import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { costTable, monthlyCost, wayTable } from "../../bench/cost-model.ts";

const cells = (tables: string) =>
  tables
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    // The line below the head is laid out by the formatter.
    .filter((row) => !row.every((cell) => /^[-:]*$/.test(cell)));

test("the tables of costs in the documentation are those that the model gives", async () => {
  const text = await readFile(`${import.meta.dirname}/../../docs/operations.md`, "utf8");
  const [, tables = ""] = /<!-- cost -->([^]*?)<!-- \/cost -->/.exec(text) ?? [];
  expect(cells(tables)).toEqual(cells(`${costTable()}\n${wayTable()}`));
});

test("a million daily users cost what the price list says, reckoned by hand", () => {
  // Five requests a user and day, 150 million a month, of which 10 million are included, at $0.30 a million.
  const fine = monthlyCost(1e6);
  expect(fine.requests).toBeCloseTo(140 * 0.3, 6);
  // 17.5 minutes of 60 in an hour: 1.5 + 17.5 / 60 hours a user and day.
  const hourly = monthlyCost(1e6, { resolution: "1h", by: "heartbeats" });
  expect(hourly.requests).toBeCloseTo((30 * (1.5 + 17.5 / 60) - 10) * 0.3, 6);
  const daily = monthlyCost(1e6, { resolution: "1d", by: "heartbeats" });
  expect(daily.requests).toBeCloseTo((30 * (1 + 17.5 / 1440) - 10) * 0.3, 6);
  // There is no call without a request, besides two for each of the roll-up's pushes.
  for (const { requests, objects } of [fine, hourly, daily]) {
    const perMonth = requests / 0.3 + 10;
    expect(objects).toBeLessThan((perMonth - 1 + (2 * 30 * 86_400) / 15 / 1e6) * 0.15);
  }
});
