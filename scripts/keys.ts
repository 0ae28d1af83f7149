import { appPattern } from "../worker/app/keys.ts";
import { maxKeyRevision } from "../worker/limits.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultDataDir, keysOf, openDataDir, readSecret } from "./data-folder.ts";

const usage = "npm run keys -- APP [--revision N] [--json] [--data DIR]";

await runCommand(async () => {
  const { values, positionals } = readCommandLine(
    {
      json: { type: "boolean", default: false },
      data: { type: "string", default: defaultDataDir },
      revision: { type: "string", default: "0" },
    },
    usage,
    true,
  );
  const [app, ...rest] = positionals;
  if (app === undefined || rest.length > 0) throw new UsageError(`expected one app. Usage: ${usage}`);
  if (!appPattern.test(app)) {
    throw new UsageError("APP: expected 1 to 40 lower-case letters, digits and hyphens");
  }
  const revision = Number(values.revision);
  if (!/^[0-9]+$/.test(values.revision) || revision > maxKeyRevision) {
    throw new UsageError(`--revision: expected a whole number from 0 to ${maxKeyRevision}`);
  }
  const { secret } = await readSecret(await openDataDir(values.data));
  const { share, ...keys } = await keysOf(secret, app, revision);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ app, ...keys })}\n`
      : `public  ${keys.public}\nread    ${keys.read}\nsecret  ${keys.secret}\nshare   ${share}\n`,
  );
});
