import { appPattern } from "../worker/ingest/keys.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultDataDir, keysOf, openDataDir, readSecret } from "./data-folder.ts";

const usage = "npm run keys -- APP [--json] [--data DIR]";

await runCommand(async () => {
  const { values, positionals } = readCommandLine(
    { json: { type: "boolean", default: false }, data: { type: "string", default: defaultDataDir } },
    usage,
    true,
  );
  const [app, ...rest] = positionals;
  if (app === undefined || rest.length > 0) throw new UsageError(`expected one app. Usage: ${usage}`);
  if (!appPattern.test(app)) {
    throw new UsageError("APP: expected 1 to 40 lower-case letters, digits and hyphens");
  }
  const { secret } = await readSecret(await openDataDir(values.data));
  const keys = await keysOf(secret, app);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ app, ...keys })}\n`
      : `public  ${keys.public}\nread    ${keys.read}\nsecret  ${keys.secret}\n`,
  );
});
