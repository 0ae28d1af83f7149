import { expect, test } from "vitest";
import { decodeLine, encodeLine, type ExportRecord } from "../../worker/transfer/export-line.ts";
import { AppClient, problem } from "./client.ts";

async function exported(app: AppClient): Promise<ExportRecord[]> {
  return new TextDecoder()
    .decode(await (await app.fetch("/v1/export")).arrayBuffer())
    .trim()
    .split("\n")
    .map((line) => {
      const part = decodeLine(JSON.parse(line));
      if (!part.ok) throw new Error(part.error);
      return part.value;
    });
}

/** Imports parts of an app between the head and the end of its own export, each with a checksum that fits. */
async function importInto(app: AppClient, ...parts: unknown[]): Promise<Response> {
  const [head] = await exported(app);
  const lines = [head, ...parts, { end: true }].map((part) => encodeLine(part as ExportRecord, ""));
  return app.fetch("/v1/import", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join(""),
  });
}

test("an app that is moved keeps its time zone and its settings", async () => {
  const app = new AppClient("moved");
  const zones = [
    { from: 0, zone: "UTC" },
    { from: 1_700_000_000_000, zone: "Asia/Kathmandu" },
  ];
  const settings = { dimensions: ["tenant"], shards: 4, keyRevision: 0, timeZone: "Asia/Kathmandu" };
  expect((await importInto(app, { zones }, { settings })).status).toBe(200);
  expect(await (await app.fetch("/v1/settings")).json()).toMatchObject(settings);
  expect(await exported(app)).toContainEqual({ zones });
  await app.beat({ user: "a", dimensions: { tenant: "acme" } }, { user: "b" });
  expect(await app.count("window=24h&tenant=acme")).toBe(1);
  // Once people are counted here, days can't be cut otherwise.
  expect(await problem(importInto(app, { zones: [{ from: 0, zone: "UTC" }] }))).toMatchObject({
    status: 409,
    detail: expect.stringContaining("timeZone"),
  });
  expect((await importInto(app, { zones }, { settings: { shards: 1 } })).status).toBe(200);
  expect(await (await app.fetch("/v1/settings")).json()).toMatchObject({ shards: 4 });
});

test("imported settings are judged as those that are set", async () => {
  const app = new AppClient("imported-settings");
  expect(await problem(importInto(app, { settings: { identity: "signed" } }))).toMatchObject({
    status: 409,
    detail: "settings: identity: signed requires the jwt setting, which says how identities are signed",
  });
  expect(await app.set({})).toMatchObject({ identity: "open" });
});

test("two places that linked two accounts the other way round agree that they are one person", async () => {
  const app = new AppClient("circle-import");
  await app.beat({ user: "a" }, { user: "b" }, { user: "c" });
  await app.fetch("/v1/links", { method: "POST", body: JSON.stringify({ from: "a", to: "b" }) });
  const alias = (await exported(app)).find((part) => "alias" in part)?.alias;
  if (alias === undefined) throw new Error("the export lacks the link");
  const { entry, spread, target, targetSpread } = alias;
  const reversed = { entry: target, spread: targetSpread, target: entry, targetSpread: spread };
  expect((await importInto(app, { alias: reversed })).status).toBe(200);
  await app.beat({ user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(2);
});

test("what would make an app unreadable is refused with its line, and the app lives on", async () => {
  const app = new AppClient("poisoned");
  await app.beat({ user: "a" });
  await app.count("window=24h");
  const sketch = (await exported(app)).find((part) => "sketch" in part)?.sketch;
  if (sketch === undefined) throw new Error("the export lacks a sketch");
  const elsewhere = new AppClient("poisoned-elsewhere");
  await elsewhere.beat({ user: "a" });
  await elsewhere.count("window=24h");
  const foreign = (await exported(elsewhere)).find((part) => "sketch" in part);
  for (const part of [
    { zones: [] },
    { zones: [{ from: 0, zone: "Mars/Olympus" }] },
    {
      zones: [
        { from: 0, zone: "UTC" },
        { from: 0, zone: "Europe/Berlin" },
      ],
    },
    { settings: { shards: 3 } },
    { settings: { surprise: 1 } },
    { sketch: { ...sketch, bytes: "" } },
    { sketch: { ...sketch, bytes: "AAAA" } },
    { sketch: { ...sketch, kind: "year" } },
    { alias: { entry: -1, spread: 0, target: null, targetSpread: 0 } },
    { day: { date: "2026-01-01", from: 0, to: 1 } },
    { unheard: "of" },
  ]) {
    expect([part, await problem(importInto(app, part))]).toEqual([
      part,
      expect.objectContaining({ type: "damaged-export", status: 422, line: 2 }),
    ]);
  }
  expect((await problem(importInto(app, foreign))).detail).toContain(
    "line 2: a sketch was counted under another key",
  );
  await app.beat({ user: "b" });
  expect(await app.count("window=24h")).toBe(2);
});
