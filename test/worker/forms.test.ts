import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;
const csv = { "content-type": "text/csv" };

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const asLines = (beats: readonly unknown[]) => beats.map((beat) => JSON.stringify(beat)).join("\n");

test("a body is read packed by gzip, whether a header says so or not, in each of its forms", async () => {
  const app = new AppClient("packed");
  const bodies: [string, string][] = [
    ["application/x-ndjson", asLines([{ user: "a" }, { user: "b" }])],
    ["application/ndjson", asLines([{ user: "c" }])],
    ["application/jsonl", asLines([{ user: "d" }])],
    ["application/gzip", asLines([{ user: "d" }])],
    ["application/json", JSON.stringify({ beats: [{ user: "e" }] })],
    ["text/csv; charset=utf-8", "user\nf\n"],
  ];
  for (const [type, body] of bodies) {
    const packed = await gzip(body);
    for (const headers of [{ "content-encoding": "gzip" }, {}]) {
      const response = await app.activity(packed, { "content-type": type, ...headers });
      expect([type, await response.json()]).toMatchObject([type, { rejected: 0, errors: [] }]);
    }
    expect((await app.activity(body, { "content-type": type })).status).toBe(200);
  }
  expect(await app.count("window=24h")).toBe(6);
});

test("a long packed body is taken whole", async () => {
  const app = new AppClient("long-packed");
  const packed = await gzip(asLines(people(20_000).map((user) => ({ user, at: Date.now() }))));
  expect(await (await app.activity(packed)).json()).toMatchObject({ accepted: 20_000, rejected: 0 });
});

test("a packed body that is cut off, damaged or a bomb is refused, and what came before it is told", async () => {
  const app = new AppClient("damaged-gzip");
  const packed = await gzip(asLines(people(5000).map((user) => ({ user }))));
  const cut = await problem(app.activity(packed.subarray(0, packed.length - 10)));
  expect([cut.status, cut.detail]).toEqual([400, expect.stringContaining("gzip")]);
  expect(cut["accepted"]).toBeGreaterThanOrEqual(0);
  const plain = await problem(app.activity([{ user: "a" }], { "content-encoding": "gzip" }));
  expect([plain.status, plain.detail]).toEqual([400, expect.stringContaining("expected a body in gzip")]);
  const bomb = await gzip("\n".repeat(40_000_000));
  expect((await problem(app.activity(bomb))).type).toBe("body-too-large");
  expect((await problem(app.activity(packed, { "content-encoding": "br" }))).status).toBe(415);
});

test("CSV is taken by its header line: who, when, since when, and dimensions by name", async () => {
  const app = new AppClient("csv");
  await app.set({ dimensions: ["plan", "tenant"] });
  const at = new Date(Date.now() - 3 * dayMs).toISOString();
  const lines = [
    "\ufeffuser,anonymous,at,since,plan,tenant",
    `u-1,,${at},2026-11-01,pro,"Müller, ""Söhne"" & Co."`,
    `,i-1,${Date.parse(at)},,,`,
    "",
    `"u-2",,"${at}",,free,"two`,
    `lines"`,
    `u-3,,,,pro,`,
    `u-4,,${at}`,
    `,,${at},,pro,`,
    `undefined,,${at},,pro,`,
    `u-5,,${at},,pro,`,
  ];
  expect(await (await app.activity(lines.join("\r\n"), csv)).json()).toEqual({
    accepted: 4,
    rejected: 4,
    errors: [
      { line: 7, error: expect.stringContaining("at: expected Unix milliseconds") },
      { line: 8, error: "expected 6 fields, as in the header line" },
      { line: 9, error: expect.stringContaining("user or anonymous") },
      { line: 10, error: expect.stringContaining("user: expected an id") },
    ],
  });
  const { windows } = (await app.active("window=30d&by=tenant&fresh=1")) as unknown as {
    windows: { count: number; groups: { value: string }[] }[];
  };
  expect(windows[0]?.count).toBe(4);
  expect(windows[0]?.groups.map(({ value }) => value).toSorted()).toEqual([
    'Müller, "Söhne" & Co.',
    "two\r\nlines",
  ]);
});

test("a header line of CSV that isn't right is refused as a whole, in words", async () => {
  const app = new AppClient("csv-header");
  await app.set({ dimensions: ["plan"] });
  for (const [header, words] of [
    ["user,timestamp", "line 1: timestamp: unknown; did you mean at?"],
    ["user,at,Plan", "line 1: Plan: unknown; did you mean plan?"],
    ["user,at,colour", "line 1: colour: unknown: expected user, anonymous, at, via, since, plan"],
    ["user,user", "line 1: expected each column once"],
    ["alice,1795203773000", "line 1: expected a header line with user or anonymous"],
    ["user;at", "line 1: expected a header line with user or anonymous"],
  ] as const) {
    const { status, detail } = await problem(app.activity(`${header}\na,b,c\n`, csv));
    expect([header, status, detail]).toEqual([header, 400, expect.stringContaining(words)]);
    expect(detail).not.toContain("alice");
  }
  expect(await (await app.activity("", csv)).json()).toMatchObject({ accepted: 0, rejected: 0 });
  expect(await app.count("window=24h")).toBeNull();
});

test("JSON that `curl -d` calls a form is taken", async () => {
  const app = new AppClient("forms");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const send = async (path: string, body: unknown, method = "POST") =>
    (await app.fetch(path, { method, body: JSON.stringify(body), headers: form })).status;
  expect([
    await send("/v1/settings", { timeZone: "Europe/Berlin" }, "PUT"),
    await send("/v1/links", { from: "recipe-user", to: "primary-user" }),
    await send("/v1/exclusions", { user: "staff-7", days: ["2026-11-19"] }),
    await send("/v1/exclusions", { user: "staff-7" }, "DELETE"),
    await send("/v1/activity", { beats: [{ user: "a" }] }),
    await send("/v1/heartbeat", { key: await app.key("pub"), beats: [{ user: "a" }] }),
  ]).toEqual([200, 200, 200, 200, 200, 200]);
});
