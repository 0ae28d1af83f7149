import { writeFile } from "node:fs/promises";
import { readCommandLine, runCommand } from "../scripts/command-line.ts";
import { sketchBench } from "./sketch/run.ts";
import { figuresBench } from "./figures.ts";
import { linksBench } from "./links.ts";
import { liveBench } from "./live.ts";
import { ratioBench } from "./ratio.ts";
import { serviceBench } from "./service.ts";
import { timingBench } from "./timing.ts";
import { trendBench } from "./trend.ts";

/** Runs all benchmarks and writes `bench/RESULTS.md`. */
await runCommand(async () => {
  readCommandLine({}, "npm run bench, which takes minutes and writes bench/RESULTS.md");
  const parts = [
    await serviceBench(),
    await ratioBench(),
    await timingBench(),
    await liveBench(),
    trendBench(),
    linksBench(100, 50_000),
    linksBench(8, 300_000),
    figuresBench(60, 80_000),
    await sketchBench(),
  ];
  const head = `# Benchmarks

Written by \`npm run bench\`. Only ratios within one run carry over to another machine.
`;
  await writeFile(new URL("RESULTS.md", import.meta.url), [head, ...parts].join("\n"));
  process.stdout.write(`${parts.join("\n")}\n`);
});
