import { readCommandLine, runCommand } from "../scripts/command-line.ts";
import { sketchBench } from "./sketch/run.ts";
import { curvesBench } from "./curves.ts";
import { figuresBench } from "./figures.ts";
import { linksBench } from "./links.ts";
import { liveBench } from "./live.ts";
import { peersBench } from "./peers.ts";
import { ratioBench } from "./ratio.ts";
import { writeResults } from "./results.ts";
import { serviceBench } from "./service.ts";
import { timingBench } from "./timing.ts";
import { trendBench } from "./trend.ts";

const usage =
  "npm run bench [-- --peers | --curves], which takes minutes and writes bench/RESULTS.md; --peers: beside other stores alone, --curves: a growing roll-up, and the most that is kept, alone";

/** Runs all benchmarks that need nothing else, or one of the others, and writes what they found into `bench/RESULTS.md`. */
await runCommand(async () => {
  const { values } = readCommandLine(
    { peers: { type: "boolean", default: false }, curves: { type: "boolean", default: false } },
    usage,
  );
  const parts = values.peers
    ? [await peersBench(10_000_000)]
    : values.curves
      ? await curvesBench()
      : [
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
  await writeResults(parts);
  process.stdout.write(`${parts.join("\n")}\n`);
});
