import { readdir } from "node:fs/promises";
import { appPattern } from "../worker/app/keys.ts";
import { maxKeyRevision } from "../worker/limits.ts";
import { forEveryRole } from "../worker/counting/key-revisions.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultDataDir, existingSecret, keysOf, readSecret } from "./data-folder.ts";
import { typed } from "./installation.ts";
import { revisionsAt } from "./key-revisions.ts";
import { defaultUrl } from "./transfer.ts";

const usage = `${typed("keys")} APP [--revision N] [--json] [--data DIR] [--url ${defaultUrl}]`;

/** The secret of a folder; one that was made for the service and is still empty is given one. */
async function secretOf(dir: string): Promise<string> {
  const files = await readdir(dir).catch(() => null);
  return files?.length === 0 ? (await readSecret(dir)).secret : existingSecret(dir);
}

await runCommand(async () => {
  const { values, positionals } = readCommandLine(
    {
      json: { type: "boolean", default: false },
      data: { type: "string", default: defaultDataDir },
      revision: { type: "string" },
      url: { type: "string", default: defaultUrl },
    },
    usage,
    true,
  );
  const [app, ...rest] = positionals;
  if (app === undefined || rest.length > 0)
    throw new UsageError(`expected the name of one app. Usage: ${usage}`);
  if (!appPattern.test(app)) {
    throw new UsageError("APP: expected 1 to 40 lower-case letters, digits and hyphens");
  }
  const revision = Number(values.revision ?? 0);
  if (!/^[0-9]+$/.test(values.revision ?? "0") || revision > maxKeyRevision) {
    throw new UsageError(`--revision: expected a whole number from 0 to ${maxKeyRevision}`);
  }
  const secret = await secretOf(values.data);
  const url = values.url.replace(/\/$/, "");
  const revisions = values.revision === undefined ? await revisionsAt(url, secret, app) : null;
  if (values.revision === undefined && revisions === null) {
    process.stderr.write(
      `headcount: no service with this secret answers at ${url}: these are the first keys of ${app}, and some may be retired (--url names the service, --revision N prints later keys)\n`,
    );
  }
  const keys = await keysOf(secret, app, revisions ?? forEveryRole(revision));
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ app, ...keys })}\n`
      : `public  ${keys.public}\nread    ${keys.read}\nsecret  ${keys.secret}\nshare   ${keys.share}\n`,
  );
});
