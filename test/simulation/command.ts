import { readCommandLine, runCommand, UsageError } from "../../scripts/command-line.ts";
import { simulate } from "./simulate.ts";

const usage = "npm run simulate -- [--seeds N] [--seed S]";

await runCommand(async () => {
  const options = { seeds: { type: "string" }, seed: { type: "string", default: "1" } } as const;
  const { values } = readCommandLine(options, usage);
  const first = wholeNumber("--seed", values.seed);
  // One seed that is named is looked at closely; without a number there is no end worth waiting for.
  const count = wholeNumber("--seeds", values.seeds ?? "1");
  let failed = 0;
  let [beats, steps] = [0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(seed);
    beats += outcome.beats;
    steps += outcome.steps;
    if (count === 1)
      process.stdout.write(`${outcome.trace.join("\n")}\nfingerprint ${outcome.fingerprint}\n`);
    if (outcome.complaints.length === 0) continue;
    failed++;
    process.stdout.write(`seed ${seed} failed:\n${outcome.complaints.map((line) => `  ${line}\n`).join("")}`);
  }
  process.stdout.write(`${count} seeds, ${beats} beats, ${steps} steps: ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
});

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new UsageError(`${option}: expected a whole number from 1. Usage: ${usage}`);
  return Number(text);
}
