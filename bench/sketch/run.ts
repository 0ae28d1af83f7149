import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Accuracy, accuracy } from "./accuracy.ts";
import { accuracySvg } from "./accuracy-svg.ts";
import { writeFigures } from "./figures.ts";
import { inNode } from "./in-node.ts";
import { pfcountMicroseconds } from "./in-redis.ts";
import { inWorkerd } from "./in-workerd.ts";
import type { Times } from "./measure.ts";

const svgPath = join(import.meta.dirname, "..", "accuracy.svg");

/**
 * Measures the sketch and returns the figures as a fragment of Markdown; draws bench/accuracy.svg and writes
 * bench/sketch/figures.md on the way. Takes some minutes. Only ratios carry over from one machine to another.
 */
export async function sketchBench(): Promise<string> {
  const curve = accuracy();
  writeFileSync(svgPath, accuracySvg(curve));
  writeFigures();
  const workerd = await inWorkerd();
  const node = await inNode();
  return [
    "## Sketch",
    "### Accuracy",
    "Relative error over 300 seeded sketches at each size, against hyperloglog-lite 1.0.2 on the same registers. “Least” is the Cramér–Rao bound for the registers alone; below 3,072 users the sketch is a list and not bound by it.",
    accuracyTable(curve),
    "![Error over the number of users](accuracy.svg)",
    "Figures made of several sketches are in [sketch/figures.md](sketch/figures.md).",
    "### Speed inside workerd",
    "Microseconds for each call, timed from outside, best of five runs. “Limit” is a bare loop over the same bytes.",
    timesTable(workerd),
    "### Speed in Node",
    timesTable(node),
    await redisNote(node),
  ].join("\n\n");
}

function accuracyTable(curve: readonly Accuracy[]): string {
  const rows = curve.map((at) =>
    row(
      at.users.toLocaleString("en"),
      signed(at.bias),
      percent(at.rootMeanSquare),
      signed(at.liteBias),
      percent(at.liteRootMeanSquare),
      percent(at.theory),
    ),
  );
  return [
    row("users", "bias", "RMSE", "lite: bias", "lite: RMSE", "least"),
    row("---:", "---:", "---:", "---:", "---:", "---:"),
    ...rows,
  ].join("\n");
}

function timesTable(times: readonly Times[]): string {
  const rows = times.map(({ name, ours, lite, limit, limitName }) =>
    row(
      name,
      microseconds(ours),
      lite === undefined ? "cannot" : microseconds(lite),
      lite === undefined ? "" : `**${ratio(lite / ours)}×**`,
      `${microseconds(limit)} (${limitName})`,
    ),
  );
  return [
    row("", "ours", "hyperloglog-lite", "ratio", "limit"),
    row("---", "---:", "---:", "---:", "---"),
    ...rows,
  ].join("\n");
}

async function redisNote(node: readonly Times[]): Promise<string> {
  const redis = await pfcountMicroseconds();
  if (redis === undefined) return "Redis was not there to compare with.";
  const decoded = node.find(({ name }) => name.startsWith("union of 30"))!.ours;
  const stored = node.find(({ name }) => name.startsWith("monthly"))!.ours;
  return (
    `Redis \`PFCOUNT\` over 30 dense keys takes ${microseconds(redis)} µs inside the server (its own commandstats). ` +
    `The same here takes ${microseconds(stored)} µs from stored bytes (${ratio(redis / stored)}×), ` +
    `${microseconds(decoded)} µs from sketches in memory (${ratio(redis / decoded)}×).`
  );
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function signed(share: number): string {
  const text = percent(share);
  if (/^-?0\.00 /.test(text)) return percent(0);
  return share > 0 ? `+${text}` : text;
}

function microseconds(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2);
}

function ratio(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

if (import.meta.main) console.log(await sketchBench());
