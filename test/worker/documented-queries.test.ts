import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import queries from "../../docs/queries.md?raw";
import { blocksOf, commandsOf } from "../support/documented.ts";
import { mismatch, shapeOf } from "../support/documented-shape.ts";
import { AppClient } from "./client.ts";

const dayMs = 86_400_000;

/** The page's present. Here it is yesterday, so that no hour of it is yet to come. */
const shiftMs = (Math.floor(Date.now() / dayMs) - 1) * dayMs - Date.parse("2026-11-20");

/** A command of the page with its days and instants moved as far as its present is. */
function moved(command: string): string {
  const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  return command
    .replaceAll(/\d{4}-\d\d-\d\d/g, (date) => dateOf(Date.parse(date) + shiftMs))
    .replaceAll(/\b\d{13}\b/g, (instant) => String(Number(instant) + shiftMs));
}

/** What a `curl` of the page asks. */
function requestOf(command: string): { path: string; method: string; body: string | null } {
  const [, path] = /"\$U(\/[^"]*)"/.exec(command) ?? [];
  if (path === undefined) throw new Error(`no address: ${command}`);
  const method = /-X ([A-Z]+)/.exec(command)?.[1] ?? "POST";
  return { path, method, body: /-d '([^']*)'/.exec(command)?.[1] ?? null };
}

/** An app in which somebody is in each state that the page tells of: some come daily, some twice in three months. */
async function livelyApp(): Promise<AppClient> {
  const app = new AppClient("documented-queries");
  const settings = { timeZone: "America/New_York", dimensions: ["platform"] };
  const body = JSON.stringify(settings);
  const headers = { "content-type": "application/json" };
  expect((await app.fetch("/v1/settings", { method: "PUT", body, headers })).status).toBe(200);
  const now = Date.now();
  const beats = Array.from({ length: 600 }, (_, person) => {
    const signedUp = (person * 7) % 120;
    const gap = [1, 3, 10, 45][person % 4]!;
    const days = Array.from({ length: Math.min(signedUp + 1, 90) }, (_day, ago) => ago);
    // Around the clock: whoever comes at the very edge of a window may be in it or not.
    const atTime = now - ((person * 37) % 1200) * 60_000;
    const about = {
      user: `user-${person}`,
      since: atTime - signedUp * dayMs,
      dimensions: { platform: ["web", "web", "ios", "android"][Math.floor(person / 4) % 4] },
    };
    return days
      .filter((ago) => ago === signedUp || (ago + person) % gap === 0)
      .map((ago) => ({ ...about, at: atTime - ago * dayMs }));
  });
  await app.import(beats.flat());
  await app.active("fresh=1");
  // From its alarm on it is among the apps that are listed.
  await runDurableObjectAlarm(await app.rollup());
  return app;
}

test("each question of the page gives an answer of the documented shape", async () => {
  const app = await livelyApp();
  const commands = blocksOf(queries)
    .filter(({ language }) => language === "console")
    .flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(15);
  for (const { command, prints } of commands) {
    const { path, method, body } = requestOf(moved(command));
    const headers = {
      "content-type": "application/json",
      ...(command.includes("$HEADCOUNT_SECRET") && { authorization: `Bearer ${env.HEADCOUNT_SECRET}` }),
    };
    const response = await (body === null
      ? app.fetch(path, { headers }, "read")
      : app.fetch(path, { method, body, headers }));
    const answer = await response.text();
    expect([command, response.status, answer]).toEqual([command, 200, answer]);
    const problem = prints === "" ? null : mismatch(shapeOf(prints), JSON.parse(answer));
    expect([command, problem]).toEqual([command, null]);
  }
});
