import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp, makeDataDir, npm, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

/** Under this secret no two of the people below share an entry, so that counts are exact. */
const secret = "bm8tdHdvLW9mLXRoZXNlLXNoYXJlLWFuLWVudHJ5ISE";
const dayMs = 86_400_000;

let folder: string;
let europe: TestServer;
let america: TestServer;
let elsewhere: TestServer;
let exported: string;

async function start(own: string): Promise<TestServer> {
  const dataDir = await makeDataDir();
  await writeFile(join(dataDir, "secret"), own, { mode: 0o600 });
  return startServer({ dataDir });
}

const post = (server: TestServer, path: string, body: string, type = "application/json") =>
  fetch(server.url + path, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${server.keys.secret}`, "content-type": type },
  });

async function report(server: TestServer, from: number, to: number): Promise<void> {
  const now = Date.now();
  const lines = Array.from({ length: to - from }, (_, index) => {
    const person = from + index;
    const beat = { user: `person-${person}`, dimensions: { platform: person % 2 ? "web" : "ios" } };
    // Each is here now, and was on one day of the last week.
    return `${JSON.stringify({ ...beat, at: now })}\n${JSON.stringify({ ...beat, at: now - (person % 7) * dayMs })}`;
  });
  const response = await post(server, "/v1/activity", lines.join("\n"), "application/x-ndjson");
  expect(((await response.json()) as { accepted: number }).accepted).toBe(2 * (to - from));
}

async function counts(server: TestServer, filter = ""): Promise<(number | undefined)[]> {
  const answer = await fetch(`${server.url}/v1/active?window=1h,24h,3d,7d,30d&fresh=1${filter}`, {
    headers: { authorization: `Bearer ${server.keys.read}` },
  });
  return ((await answer.json()) as { windows: { count: number }[] }).windows.map(({ count }) => count);
}

const move = (command: "export" | "import", server: TestServer, file: string) =>
  npm(["run", "-s", command, "--", "demo", "--url", server.url, "--file", file, "--data", server.dataDir]);

beforeAll(async () => {
  await stayWithinSlot();
  folder = await makeDataDir();
  [europe, america, elsewhere] = [
    await start(secret),
    await start(secret),
    await start("YW5vdGhlci1zZWNyZXQtYW5vdGhlci1zZWNyZXQtYW4"),
  ];
  for (const server of [europe, america]) {
    const init = { method: "PUT", body: JSON.stringify({ dimensions: ["platform"] }) };
    const headers = { authorization: `Bearer ${server.keys.secret}` };
    expect((await fetch(`${server.url}/v1/settings`, { ...init, headers })).status).toBe(200);
  }
  await report(europe, 0, 200);
  await report(america, 150, 280);
  // Two accounts of one person, and somebody of the staff, known in Europe alone.
  await post(europe, "/v1/links", JSON.stringify({ from: "person-1", to: "person-2" }));
  await post(europe, "/v1/exclusions", JSON.stringify({ user: "person-160" }));
  exported = join(folder, "europe.ndjson");
  const { code, stderr } = await move("export", europe, exported);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^ {2}export of demo: [0-9]+ lines\n$/)]);
});
afterAll(cleanUp);

test("importing gives the union of both, also of parts, and again changes nothing", async () => {
  expect(await counts(europe)).toEqual([198, 198, 198, 198, 198]);
  expect(await counts(america)).toEqual([130, 130, 130, 130, 130]);
  for (let times = 0; times < 2; times++) {
    const { code, stderr } = await move("import", america, exported);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^ {2}import of demo: [0-9]+ parts\n$/)]);
    // 280 people, of whom two are one and one is nobody. She of the two who is linked away was on the web.
    expect(await counts(america)).toEqual([278, 278, 278, 278, 278]);
    expect(await counts(america, "&platform=web")).toEqual([140, 140, 140, 140, 140]);
  }
  // Who is linked or excluded there is so here too from now on.
  await post(
    america,
    "/v1/activity",
    JSON.stringify({ beats: [{ user: "person-1" }, { user: "person-160" }] }),
  );
  expect(await counts(america)).toEqual([278, 278, 278, 278, 278]);
});

test("a long import goes in pieces, comes again where the service is busy, and goes on where it ended", async () => {
  const long = join(folder, "long.ndjson");
  const once = await readFile(exported, "utf8");
  const copies = Math.ceil((9 * 1024 * 1024) / once.length);
  await writeFile(long, once.repeat(copies));
  const linesOf = (body: string) => body.trimEnd().split("\n").length;

  // A proxy in between that is busy at first, and ends it all at the third piece.
  const pieces: string[] = [];
  let isBusy = true;
  const passOn = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    if (isBusy) {
      isBusy = false;
      response.writeHead(503, { "retry-after": "0" }).end();
      return;
    }
    if (pieces.length === 2) {
      response.writeHead(413).end();
      return;
    }
    pieces.push(body);
    const answer = await post(america, "/v1/import", body, "application/x-ndjson");
    response.writeHead(answer.status).end(await answer.text());
  };
  const proxy = createServer((request, response) => void passOn(request, response));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const where = ["--file", long, "--data", america.dataDir];
  const importLong = (url: string, from = "1") =>
    npm(["run", "-s", "import", "--", "demo", "--url", url, "--from", from, ...where]);
  const broken = await importLong(`http://127.0.0.1:${port}`);
  proxy.close();
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining("refused (413)")]);
  expect(pieces).toHaveLength(2);
  const [, from = ""] = /resume with --from (\d+)/.exec(broken.stderr) ?? [];

  const rest = await importLong(america.url, from);
  expect(rest.code).toBe(0);
  const parts = Number(/(\d+) parts/.exec(rest.stderr)?.[1]);
  // All but heads and ends, which each piece has of its own.
  const [all = 0, ...sent] = [once.repeat(copies), ...pieces].map(linesOf);
  expect(parts).toBe(all - 2 * copies - sent.reduce((sum, lines) => sum + lines - 2, 0));
  expect(await counts(america)).toEqual([278, 278, 278, 278, 278]);
});

test("an empty deployment becomes what the other was, settings and all", async () => {
  const fresh = await start(secret);
  expect((await move("import", fresh, exported)).code).toBe(0);
  expect(await counts(fresh)).toEqual([198, 198, 198, 198, 198]);
  expect(await counts(fresh, "&platform=ios")).toEqual(await counts(europe, "&platform=ios"));
  await fresh.stop();
});

test("an export that was cut off goes on, and is then the same to the byte", async () => {
  const cut = join(folder, "cut.ndjson");
  const after = join(folder, "after.ndjson");
  let whole = await readFile(exported, "utf8");
  // Meanwhile the service may have recorded the days that are over, which it does once: then the comparison begins anew.
  for (let tries = 0; tries < 3; tries++) {
    await writeFile(cut, whole.slice(0, Math.floor(whole.length / 2)));
    expect((await move("export", europe, cut)).code).toBe(0);
    await rm(after, { force: true });
    expect((await move("export", europe, after)).code).toBe(0);
    const now = await readFile(after, "utf8");
    if (now === whole) break;
    whole = now;
  }
  expect(await readFile(cut, "utf8")).toBe(whole);
  const again = await move("export", europe, cut);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("already complete")]);
});

test("a damaged or cut file is refused with the line, and one of another secret with the reason", async () => {
  const lines = (await readFile(exported, "utf8")).split("\n");
  const damaged = join(folder, "damaged.ndjson");
  await writeFile(
    damaged,
    lines.with(6, (lines[6] ?? "").replace(/"bytes":"..../, '"bytes":"AAAA')).join("\n"),
  );
  expect((await move("import", america, damaged)).stderr).toContain("line 7: damaged");
  const short = join(folder, "short.ndjson");
  await writeFile(short, `${lines.slice(0, 9).join("\n")}\n`);
  expect((await move("import", america, short)).stderr).toContain("it ends after line 9");
  expect((await move("import", elsewhere, exported)).stderr).toContain("another HEADCOUNT_SECRET");
  expect((await move("import", elsewhere, join(folder, "none"))).code).toBe(1);
  expect(await counts(america)).toEqual([278, 278, 278, 278, 278]);
});
