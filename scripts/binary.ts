import { runCommand, UsageError } from "./command-line.ts";

/** The commands that `npm run build:binary` puts into the binary. Each reads what follows its name. */
const commands = new Map<string, () => Promise<unknown>>([
  ["start", () => import("./start.ts")],
  ["keys", () => import("./keys.ts")],
  ["apps", () => import("./apps.ts")],
  ["export", () => import("./export.ts")],
  ["import", () => import("./import.ts")],
  ["import-seen", () => import("./import-seen.ts")],
  ["health", () => import("./health.ts")],
]);
const usage = `headcount [${[...commands.keys()].join("|")}] [--help]`;

await runCommand(async () => {
  const [first = "start"] = process.argv.slice(2);
  if (first === "--help" || first === "-h") {
    process.stdout.write(`Usage: ${usage}\n`);
    return;
  }
  const isNamed = !first.startsWith("-");
  const command = commands.get(isNamed ? first : "start");
  if (command === undefined) throw new UsageError(`unknown command. Usage: ${usage}`);
  if (isNamed) process.argv.splice(2, 1);
  await command();
});
