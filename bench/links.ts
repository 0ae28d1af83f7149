import { parseArgs } from "node:util";
import { cells, live } from "../test/support/alias-worlds.ts";

const names = ["day", "week", "month"];

const percent = (value: number) => `${(100 * value).toFixed(2)} %`;

/**
 * How right the past stays when 1 % of a day's people are linked or excluded each day: for each cell and figure the share of
 * seeded worlds in which the 95 % interval holds the truth, and the mean error. Where worlds are too few to tell a bias from the
 * sketches' own error, also what of the mean error a sketch of just the right people doesn't have.
 */
export function linksBench(worlds: number, people: number): string {
  const isFew = worlds < 100;
  const lines = [
    `## Links and exclusions in an app of ${people.toLocaleString("en")}`,
    "",
    `${worlds} seeded worlds of ${people.toLocaleString("en")} people, of whom 40 % come each day for 30 days. Each day, what the first column`,
    isFew
      ? "says becomes of 1 % of the day's people. In how many worlds the 95 % interval holds the truth, mean error, and what of it is\nnot that of a sketch of just the right people."
      : "says becomes of 1 % of the day's people. Share of worlds in which the 95 % interval holds the truth, and mean error.",
    "",
    "|  | past day | past week | month |",
    "| --- | ---: | ---: | ---: |",
  ];
  for (const [cell, act] of Object.entries(cells)) {
    const figures = names.map(() => ({ held: 0, error: 0, own: 0 }));
    for (let seed = 1; seed <= worlds; seed++) {
      for (const [index, { count, low, high, truth, sketched }] of live(seed, people, 30, act).entries()) {
        const figure = figures[index]!;
        figure.held += Number(low <= truth && truth <= high);
        figure.error += (count / truth - 1) / worlds;
        figure.own += (sketched / truth - 1) / worlds;
      }
    }
    const cellsOf = figures.map(({ held, error, own }) =>
      isFew
        ? `${held} of ${worlds} (${percent(error)}, ${percent(error - own)})`
        : `${((100 * held) / worlds).toFixed(0)} % (${percent(error)})`,
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
