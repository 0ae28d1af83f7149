import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { costTable } from "../../bench/cost-model.ts";

const cells = (table: string) =>
  table
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    // The line below the head is laid out by the formatter.
    .filter((_, index) => index !== 1);

test("the table of costs in the documentation is the one that the model gives", async () => {
  const text = await readFile(`${import.meta.dirname}/../../docs/operations.md`, "utf8");
  const [, table = ""] = /<!-- cost -->([^]*?)<!-- \/cost -->/.exec(text) ?? [];
  expect(cells(table)).toEqual(cells(costTable()));
});
