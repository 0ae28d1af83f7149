import { writeFile } from "node:fs/promises";
import { sketchBench } from "./sketch/run.ts";
import { serviceBench } from "./service.ts";

/** Runs all benchmarks and writes `bench/RESULTS.md`. */
const parts = [await serviceBench(), await sketchBench()];
const head = `# Benchmarks

Written by \`npm run bench\`. Only ratios within one run carry over to another machine.
`;
await writeFile(new URL("RESULTS.md", import.meta.url), [head, ...parts].join("\n"));
process.stdout.write(`${parts.join("\n")}\n`);
