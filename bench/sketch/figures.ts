import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure, type Measured } from "../../test/sketch/measure.ts";
import {
  cohort,
  growth,
  periods,
  powerUsers,
  type Scenario,
  stickiness,
} from "../../test/sketch/scenarios.ts";

/** Scenarios, and under how many seeds each is run. */
const groups: readonly [string, readonly [Scenario, number][]][] = [
  [
    "Two periods",
    [
      [periods("week on week, 25,000 each, 70 % return", [7500, 17_500, 7500], { fresh: 2500 }), 1000],
      [periods("the same, 2 % removed", [7500, 17_500, 7500], { fresh: 2500, removed: 0.02 }), 1000],
      [
        periods("day on day, 50,000 each, 50 % return, 20 % removed", [25_000, 25_000, 25_000], {
          fresh: 4000,
          removed: 0.2,
        }),
        500,
      ],
      [periods("week on week, 50,000 each, 70 % return", [15_000, 35_000, 15_000], { fresh: 5000 }), 500],
      [periods("50,000 each, 1,000 in both", [49_000, 1000, 49_000]), 500],
      [periods("50,000 each, nobody in both", [50_000, 0, 50_000]), 500],
      [periods("3,200 each, half return", [1600, 1600, 1600], { fresh: 300 }), 1000],
      [periods("month on month, 1,000,000, 60 % return", [400_000, 600_000, 400_000]), 100],
      [periods("a month and that of the day before, 1,000,000", [12_000, 988_000, 15_000]), 100],
    ],
  ],
  [
    "Shares",
    [
      [stickiness("17,000 of 100,000", 17_000, 100_000), 500],
      [stickiness("2,000 (a list) of 10,000", 2000, 10_000), 1000],
      [stickiness("180,000 of 1,000,000", 180_000, 1_000_000), 100],
    ],
  ],
  [
    "A cohort's retention within a dimension's value",
    [
      [cohort("500 of a list, 40 % in 20,000", 500, 0.4, 0.3, 20_000), 1000],
      [cohort("2,000 of a list, 40 % in 50,000", 2000, 0.4, 0.3, 50_000), 500],
      [cohort("2,000 of a list, 40 % in 300,000", 2000, 0.4, 0.3, 300_000), 200],
      [cohort("2,000 of a list, 40 % in 2,500 (a list)", 2000, 0.4, 0.3, 2500), 500],
      [cohort("20,000, 40 % in 60,000", 20_000, 0.4, 0.3, 60_000), 500],
    ],
  ],
  [
    "Growth accounting",
    [
      [growth("60,000 people", 60_000), 400],
      [growth("1,000,000 people", 1_000_000), 100],
    ],
  ],
  [
    "Power user curve",
    [
      [powerUsers("60,000 people", 60_000), 300],
      [powerUsers("1,200,000 people", 1_200_000), 100],
    ],
  ],
];

/** Measures every figure that is made of more than one sketch, and writes bench/sketch/figures.md; takes some minutes. */
export function writeFigures(): void {
  writeFileSync(join(import.meta.dirname, "figures.md"), figures());
}

function figures(): string {
  const parts = groups.map(([title, scenarios]) => {
    const tables = scenarios.map(([scenario, trials]) => {
      const rows = [...measure(scenario, trials).values()].map(row);
      console.error(`${title}: ${scenario.name}`);
      return [`### ${scenario.name} (${trials} worlds)`, table(rows)].join("\n\n");
    });
    return [`## ${title}`, ...tables].join("\n\n");
  });
  const head = [
    "# Figures of several sketches",
    "Written by `node bench/sketch/figures.ts`: people fixed, hashed under another key in each world. Errors and half widths of the 95 % interval in per cent of a number of people, and in points of a share or ratio.",
  ];
  return `${[...head, ...parts].join("\n\n")}\n`;
}

function table(rows: readonly string[]): string {
  return [
    "| figure | truth | bias | RMSE | half width | interval holds the truth |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

function row({ figure, isCount, truth, bias, rootMeanSquare, halfWidth, covered }: Measured): string {
  const [unit, scale] = isCount ? (truth > 0 ? ["%", 100 / truth] : ["people", 1]) : ["points", 100];
  const cell = (value: number) => `${(value * scale).toFixed(2)} ${unit}`;
  const told = isCount ? truth.toLocaleString("en") : `${(100 * truth).toFixed(2)} %`;
  const cells = [
    figure,
    told,
    cell(bias),
    cell(rootMeanSquare),
    cell(halfWidth),
    `${(100 * covered).toFixed(1)} %`,
  ];
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) writeFigures();
