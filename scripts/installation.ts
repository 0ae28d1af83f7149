import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "./command-line.ts";

/** An engine that has its Worker and configuration in it. */
const compiledEngine = join(dirname(process.execPath), "headcount-engine");

/** Whether this runs from the folder that `npm run build:binary` makes: it brings the engine, and there is no npm. */
export const isBinary = existsSync(compiledEngine);

/** How a command is typed, up to its arguments: `npm run keys --` or `headcount keys`. */
export function typed(command: string): string {
  if (isBinary) return command === "start" ? "headcount" : `headcount ${command}`;
  return command === "start" ? "npm start --" : `npm run ${command} --`;
}

/** The command that starts the engine, up to its options. In the repository the Worker is built first. */
export async function engineCommand(): Promise<[string, ...string[]]> {
  if (isBinary) return [compiledEngine];
  // Neither is in the binary.
  const { rootDir } = await import("./build.ts");
  const { buildService } = await import("./build-service.ts");
  const { default: workerd } = await import("workerd");
  await buildService().catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error;
    throw new UsageError(
      `${error.path} can't be written (${error.code}): run npm run build as whoever owns that folder, and start again`,
    );
  });
  return [workerd.default, "serve", `${rootDir}worker/workerd.capnp`];
}
