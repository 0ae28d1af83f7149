import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** A failure that needs no stack trace: one line says what was wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Somebody asked how a command is used. */
class HelpAsked extends Error {
  readonly usage: string;

  constructor(usage: string) {
    super(usage);
    this.usage = usage;
  }
}

/** Runs a command. `--help` ends it with its usage and exit code 0, before it has done anything. A `UsageError` ends it with one line on standard error and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`Usage: ${error.usage}\n`);
      return;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`headcount: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** The command line by `options`; anything else on it is a `UsageError` that ends in `usage`. */
export function readCommandLine<Options extends ParseArgsOptionsConfig>(
  options: Options,
  usage: string,
  allowPositionals = false,
) {
  if (isHelpAsked()) throw new HelpAsked(usage);
  try {
    return parseArgs({ options, allowPositionals, strict: true });
  } catch (error) {
    const said = (error as Error).message.split(/[.\n]/, 1)[0];
    throw new UsageError(`${said}. Usage: ${usage}`);
  }
}

/** Before `--`, after which everything is a name. */
function isHelpAsked(): boolean {
  const args = process.argv.slice(2);
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg: string) => arg === "--help" || arg === "-h");
}

/** For commands that take nothing, or hand all on: their usage is shown where it is asked for. */
export function answerHelp(usage: string): void {
  if (isHelpAsked()) throw new HelpAsked(usage);
}
