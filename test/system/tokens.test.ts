import { SignJWT } from "jose";
import { afterEach, expect, test } from "vitest";
import type { HeartbeatResponse, Problem, TokenResponse } from "../../sdk/wire.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

afterEach(cleanUp);

const secret = "a shared secret of at least 32 bytes, for tests";

function ask(server: TestServer, method: string, path: string, body: unknown, bearer?: string) {
  const headers = { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) };
  return fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
}

const report = (server: TestServer, token: string) =>
  ask(server, "POST", "/v1/heartbeat", { token, beats: [{}] });

async function rotated(server: TestServer, token: string): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  const { token: next } = (await (await report(server, token)).json()) as HeartbeatResponse;
  if (next === undefined) throw new Error("not rotated");
  return next;
}

test("a signed identity is exchanged once, and what its token became survives kill -9", async () => {
  const server = await startServer();
  const { keys, dataDir } = server;
  const settings = { jwt: { secret }, identity: "signed", tokenMinTtl: 0 };
  expect((await ask(server, "PUT", "/v1/settings", settings, keys.secret)).status).toBe(200);
  const identity = await new SignJWT({ sub: "u-42" })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(secret));
  const exchange = await ask(server, "POST", "/v1/token", { key: keys.public, client: "phone", identity });
  const { token: first } = (await exchange.json()) as TokenResponse;
  const second = await rotated(server, first);
  const third = await rotated(server, second);
  await server.kill();

  const again = await startServer({ dataDir });
  expect((await report(again, third)).status).toBe(200);
  const refused = await report(again, first);
  expect([refused.status, ((await refused.json()) as Problem).type]).toEqual([401, "token-reused"]);
  await again.kill();

  const last = await startServer({ dataDir });
  expect((await report(last, third)).status).toBe(401);
  const answer = await fetch(`${last.url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  expect(((await answer.json()) as { windows: { count: number }[] }).windows[0]?.count).toBe(1);
  expect(await last.stop()).toBe(0);
});
