import { parseArgs } from "node:util";
import { cells, live } from "../test/support/alias-worlds.ts";

const names = ["day", "week", "month"];

/**
 * How right the past stays when 1 % of a day's people are linked or excluded each day: for each cell and figure the share of
 * seeded worlds in which the 95 % interval holds the truth, and the mean error.
 */
export function linksBench(worlds: number, people: number): string {
  const lines = [
    `## Links and exclusions in a large app`,
    "",
    `${worlds} seeded worlds of ${people.toLocaleString("en")} people, of whom 40 % come each day for 30 days. Each day, what the first column`,
    "says becomes of 1 % of the day's people. Share of worlds in which the 95 % interval holds the truth, and mean error.",
    "",
    "|  | past day | past week | month |",
    "| --- | ---: | ---: | ---: |",
  ];
  for (const [cell, act] of Object.entries(cells)) {
    const figures = names.map(() => ({ held: 0, error: 0 }));
    for (let seed = 1; seed <= worlds; seed++) {
      for (const [index, { count, low, high, truth }] of live(seed, people, 30, act).entries()) {
        const figure = figures[index]!;
        figure.held += Number(low <= truth && truth <= high);
        figure.error += (count / truth - 1) / worlds;
      }
    }
    const cellsOf = figures.map(
      ({ held, error }) => `${((100 * held) / worlds).toFixed(0)} % (${(100 * error).toFixed(2)} %)`,
    );
    lines.push(`| ${cell} | ${cellsOf.join(" | ")} |`);
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { worlds: { type: "string", default: "100" }, people: { type: "string", default: "50000" } },
  });
  process.stdout.write(linksBench(Number(values.worlds), Number(values.people)));
}
