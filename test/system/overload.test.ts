import { request } from "node:http";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Pressure } from "../../scripts/pressure.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

/** What `npm start` tells its engine when newcomers have to wait. */
function refuse({ dataDir }: TestServer, share: number): Promise<number | undefined> {
  const socketPath = relative(process.cwd(), join(dataDir, "control"));
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: "POST", path: `/refuse?share=${share}` }, (answer) => {
      answer.resume().once("close", () => resolve(answer.statusCode));
    });
    asked.once("error", reject).end();
  });
}

const beat = ({ url, keys }: TestServer, user: string) =>
  fetch(`${url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key: keys.public, beats: [{ user }] }),
  });

test("an engine that has too much to do refuses reports in words, answers questions, and takes them again", async () => {
  const server = await startServer();
  expect((await beat(server, "a")).status).toBe(200);
  expect(await refuse(server, 1)).toBe(204);
  const refused = await beat(server, "b");
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ type: "overloaded" });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const count = async () => {
    const response = await fetch(`${server.url}/v1/active?window=24h&fresh=1`, {
      headers: { authorization: `Bearer ${server.keys.read}` },
    });
    return ((await response.json()) as { windows: { count: number }[] }).windows[0]?.count;
  };
  expect(await count()).toBe(1);

  await refuse(server, 0.5);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, user) => beat(server, `half-${user}`)));
  const accepted = answers.filter(({ status }) => status === 200).length;
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(await count()).toBe(1 + accepted);

  await refuse(server, 0);
  expect((await beat(server, "b")).status).toBe(200);
  expect(await count()).toBe(2 + accepted);
  expect(await server.stop()).toBe(0);
});

test("the share that is refused follows how long newcomers wait", () => {
  const pressure = new Pressure();
  const after = (...waitsMs: number[]) => waitsMs.map((waitMs) => pressure.note(waitMs)).at(-1) as number;
  expect(after(2, 20, 900)).toBe(0);
  // Once or twice may be a large question.
  expect(after(3000, 3000, 20)).toBe(0);
  const risen = after(1200, 1200, 1200);
  expect(risen).toBeGreaterThan(0);
  expect(after(800)).toBe(risen);
  expect(after(...Array<number>(20).fill(5000))).toBe(0.9);
  expect(after(20)).toBeLessThan(0.9);
  expect(after(20, 20, 20, 20, 20)).toBe(0);
});
