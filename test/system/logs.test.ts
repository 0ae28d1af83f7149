import { afterAll, expect, test } from "vitest";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

const person = "very-secret-person@example.com";

const send = (server: TestServer, method: string, path: string, body: string, key: string) =>
  fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      "user-agent": "Secret Browser 1.0",
      "x-real-ip": "203.0.113.77",
    },
    ...(method !== "GET" && { body }),
  });

test("the log tells of no id, key or address, whatever is asked and however it fails", async () => {
  const server = await startServer();
  const { keys } = server;
  const beat = (key: string) => JSON.stringify({ key, beats: [{ user: person }, { user: [person] }] });
  for (const key of [keys.public, keys.read, keys.secret, "hc_pub_demo_forged"]) {
    for (const [method, path, body] of [
      ["POST", "/v1/heartbeat", beat(key)],
      ["POST", "/v1/heartbeat", `{"key":"${key}","beats":[{"user":"${person}" oops`],
      ["POST", "/v1/token", JSON.stringify({ key, client: person, user: person, identity: person })],
      ["POST", "/v1/activity", `{"user":"${person}"`],
      ["POST", "/v1/links", JSON.stringify({ from: person, to: person })],
      ["PUT", "/v1/settings", JSON.stringify({ [person]: 1 })],
      ["POST", "/v1/import", `{"part":"${person}"}\n`],
      ["GET", `/v1/active?${encodeURIComponent(person)}=1`, ""],
      ["GET", `/${encodeURIComponent(person)}`, ""],
    ] as const) {
      await (await send(server, method, path, body, key)).text();
    }
  }
  await server.kill();
  const log = server.output().split("\nready\n")[1] ?? "";
  for (const secret of [
    person,
    "very-secret",
    ...Object.values(keys).slice(1),
    "203.0.113",
    "Secret Browser",
  ]) {
    expect(log).not.toContain(secret);
  }
});

test("a stop lets what is under way finish, and what was acknowledged is there afterwards", async () => {
  const server = await startServer();
  const { keys, dataDir } = server;
  const acknowledged: string[] = [];
  const sent = Array.from({ length: 200 }, async (_, index) => {
    const user = `user-${index}`;
    const body = JSON.stringify({ key: keys.public, beats: [{ user }] });
    try {
      const response = await fetch(`${server.url}/v1/heartbeat`, { method: "POST", body });
      if (response.status === 200) acknowledged.push(user);
    } catch {
      // It came too late to be let in.
    }
  });
  await Promise.race(sent);
  expect(await server.stop()).toBe(0);
  await Promise.all(sent);
  expect(acknowledged.length).toBeGreaterThan(0);

  const again = await startServer({ dataDir });
  const answer = await fetch(`${again.url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  const { windows } = (await answer.json()) as { windows: { count: number }[] };
  expect(windows[0]?.count).toBeGreaterThanOrEqual(acknowledged.length - 1);
  await again.stop();
});
