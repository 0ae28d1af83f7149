import { pathToFileURL } from "node:url";
import { rootDir } from "./build.ts";
import { runCommand } from "./command-line.ts";
import { type AppKeys, defaultDataDir } from "./data-folder.ts";
import { readServeOptions, serve } from "./serve.ts";

const usage = "npm start -- [--port N] [--host H] [--data DIR]";

await runCommand(async () => {
  const { url, keys, dataDir, isNewSecret, ended } = await serve(
    readServeOptions({ data: defaultDataDir }, usage),
  );
  process.stdout.write(greeting(url, keys, isNewSecret ? dataDir : null));
  await ended;
});

function greeting(url: string, keys: AppKeys, newSecretIn: string | null): string {
  const page = pathToFileURL(`${rootDir}examples/web/index.html`).href;
  const example = `${page}?endpoint=${url}&key=${keys.public}`;
  return `
Headcount is ready: ${url}
${newSecretIn === null ? "" : `\nA secret was made in ${newSecretIn}. Whoever has it has every key: keep it, and keep it to yourself.\n`}
See the figures at ${url}/#key=${keys.read}

The keys of the app "demo" (more with: npm run keys -- APP)

  public  ${keys.public}    in pages and apps: reports activity
  read    ${keys.read}    asks for figures
  secret  ${keys.secret}    on servers: everything

Put this on a page:

  <script defer src="${url}/sdk.js" data-key="${keys.public}"></script>

or open an example in a browser:

  ${example}

and ask how many people were active:

  curl -H "Authorization: Bearer ${keys.read}" "${url}/v1/active?window=24h,7d,30d&fresh=1"

ready
`;
}
