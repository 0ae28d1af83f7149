import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** A failure that needs no stack trace: one line says what was wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a command. A `UsageError` ends it with one line on standard error and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
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
  try {
    return parseArgs({ options, allowPositionals, strict: true });
  } catch (error) {
    const said = (error as Error).message.split(/[.\n]/, 1)[0];
    throw new UsageError(`${said}. Usage: ${usage}`);
  }
}
