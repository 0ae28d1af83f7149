import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { rootDir } from "./build.ts";
import { answerHelp, runCommand } from "./command-line.ts";
import { defaultDataDir, openDataDir, readSecret } from "./data-folder.ts";

/** `wrangler dev` with the secret of the default data folder, so that `npm run keys` gives the keys of both. */
await runCommand(async () => {
  answerHelp("npm run dev -- [options of wrangler dev]");
  const { secret } = await readSecret(await openDataDir(defaultDataDir));
  await writeFile(`${rootDir}.dev.vars`, `HEADCOUNT_SECRET=${secret}\n`, { mode: 0o600 });
  const wrangler = spawn("wrangler", ["dev", ...process.argv.slice(2)], { cwd: rootDir, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));
  process.exitCode = await new Promise((resolve) => wrangler.once("exit", (code) => resolve(code ?? 0)));
});
