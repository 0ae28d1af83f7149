import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encoded, endProsodies, makeProsody } from "../support/prosody.ts";
import { isThere } from "../support/proxies.ts";
import { cleanUp, npm, startServer } from "../support/server.ts";

/** Where Debian's package `prosody-modules` puts the modules of the community, or where somebody has unpacked them. */
const communityDir = process.env["PROSODY_MODULES"] ?? "/usr/lib/prosody/modules";
const isMissing =
  !isThere("prosody", "--help") || !existsSync(join(communityDir, "mod_measure_active_users"));
if (isMissing)
  console.log(
    "skipped: no Prosody with mod_measure_active_users on this machine, so nobody has compared its figures",
  );

afterAll(async () => {
  endProsodies();
  await cleanUp();
});

const host = "chat.test";
const hour = 3600;
const windows = { "24h": 24 * hour, "7d": 7 * 24 * hour, "30d": 30 * 24 * hour };

interface Past {
  login: number;
  logout: number;
}

/**
 * When people last logged in and out, in seconds before now; of a third the last logout was lost. Nobody was last there within
 * two hours of a window's edge, which the module and Headcount cut differently.
 */
function pastOf(person: number): Past {
  const ago = (1 + ((person * 37) % 1100)) * hour;
  const login = Object.values(windows).some((edge) => Math.abs(edge - ago) <= 3 * hour)
    ? ago + 8 * hour
    : ago;
  return { login, logout: person % 3 === 0 ? login + 50 * hour : Math.max(login - hour, 60) };
}

const lastSeen = ({ login, logout }: Past) => Math.min(login, logout);

test.skipIf(isMissing)("the figures are those of the real mod_measure_active_users", async () => {
  const service = await startServer();
  const prosody = await makeProsody(
    { [host]: { headcount_url: `"${service.url}"`, headcount_key: `"${service.keys.secret}"` } },
    {
      plugin_paths: `{ "${join(import.meta.dirname, "../../examples/prosody")}", "${communityDir}" }`,
      modules_enabled:
        '{ "saslauth", "admin_shell", "http_openmetrics", "lastlog2", "measure_active_users", "headcount" }',
      statistics: '"internal"',
      statistics_interval: '"manual"',
    },
  );

  // A past that mod_lastlog2 has written, and that Headcount is given by its own command.
  const now = Math.floor(Date.now() / 1000);
  const past = new Map(Array.from({ length: 300 }, (_, person) => [`person-${person}`, pastOf(person)]));
  const lastlog = join(prosody.dir, "data", encoded(host), "lastlog2");
  await mkdir(lastlog, { recursive: true });
  for (const [name, { login, logout }] of past) {
    const entry = (event: string, ago: number) => `["${event}"] = { ["timestamp"] = ${now - ago} };`;
    const table = `return { ${entry("login", login)} ${entry("logout", logout)} };\n`;
    await writeFile(join(lastlog, `${encoded(name)}.dat`), table);
  }
  const place = ["--url", service.url, "--data", service.dataDir];
  const imported = await npm([
    "run",
    "-s",
    "import-seen",
    "--",
    "demo",
    "--from",
    "prosody",
    lastlog,
    ...place,
  ]);
  expect(imported).toMatchObject({ code: 0 });

  // Of those who come now some were there lately, some long ago, some never; some stay and some go.
  await prosody.start();
  const comers = [...Array.from({ length: 40 }, (_, n) => `person-${n * 7}`), "new-1", "new-2", "new-3"];
  const clients = await Promise.all(comers.map((name) => prosody.logIn(`${name}@${host}`)));
  await Promise.all(clients.filter((_, index) => index % 2 === 0).map((client) => client.logOut()));

  const exact = Object.entries(windows).map(([window, length]) => {
    const before = [...past].filter(([, seen]) => lastSeen(seen) < length).map(([name]) => name);
    return [window, new Set([...before, ...comers]).size];
  });
  const headcount = async () => {
    const response = await fetch(`${service.url}/v1/active?window=24h,7d,30d&fresh=1`, {
      headers: { authorization: `Bearer ${service.keys.secret}` },
    });
    const answer = (await response.json()) as { windows: { window: string; count: number | null }[] };
    return answer.windows.map(({ window, count }) => [window, count]);
  };
  await expect.poll(headcount).toEqual(exact);

  // The module looks once an hour, and 15 seconds after it was loaded: everybody has to be there by then.
  const config = join(prosody.dir, "prosody.cfg.lua");
  const shell = ["shell", "module", "reload", "measure_active_users", host];
  execFileSync("prosodyctl", ["--config", config, ...shell]);
  const module = async () => {
    const text = await (await fetch(`${prosody.httpUrl}/metrics`)).text();
    return Object.entries({ "24h": "1d", "7d": "7d", "30d": "30d" }).map(([window, name]) => {
      const gauge = new RegExp(
        `^prosody_mod_measure_active_users__active_users_${name}\\{[^}]*\\} (\\S+)`,
        "m",
      );
      return [window, Number(gauge.exec(text)?.[1])];
    });
  };
  await expect.poll(module, { timeout: 60_000 }).toEqual(exact);
  await prosody.stop();
});
