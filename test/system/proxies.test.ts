import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { connectAll } from "../support/live-client.ts";
import { isThere, type Proxy, proxyNames, startProxy } from "../support/proxies.ts";
import { cleanUp, makeDataDir, npm, startServer, type TestServer } from "../support/server.ts";

const opened: Proxy[] = [];
afterAll(async () => {
  await Promise.all(opened.map((proxy) => proxy.stop()));
  await cleanUp();
});

/** As many beats as one address may report at once. */
const allowance = 1200;

for (const name of proxyNames) {
  const isMissing = !isThere(name, name === "nginx" ? "-v" : "version");
  if (isMissing) console.log(`skipped: no ${name} on this machine, so nobody has tried its configuration`);

  describe.skipIf(isMissing)(`behind ${name}, as ops/ configures it`, () => {
    const behind = async (env: Record<string, string> = {}) => {
      const server = await startServer({ env: { HEADCOUNT_ADDRESS_HEADER: "x-real-ip", ...env } });
      const proxy = await startProxy(name, Number(new URL(server.url).port));
      opened.push(proxy);
      return { server, proxied: { ...server, url: proxy.url } };
    };

    test("heartbeats, sockets, back-fills, badges, exports and imports arrive", async () => {
      const { proxied } = await behind();
      const { url, keys } = proxied;
      expect((await beat(proxied, [{ user: "a" }])).status).toBe(200);

      const [client] = await connectAll(proxied, [{ user: "on a socket" }]);
      await client?.ping();
      client?.close();
      expect(await client?.closed).toMatchObject({ code: 1000 });

      // More than any proxy keeps in memory.
      const lines = Array.from({ length: 50_000 }, (_, line) => `{"user":"filled-in-${line % 500}"}`);
      const filled = await fetch(`${url}/v1/activity`, {
        method: "POST",
        headers: { authorization: `Bearer ${keys.secret}`, "content-type": "application/x-ndjson" },
        body: lines.join("\n"),
      });
      expect(await filled.json()).toMatchObject({ accepted: 50_000, rejected: 0 });

      const badge = await fetch(`${url}/badge.svg?key=${keys.share}`);
      expect(badge.headers.get("content-type")).toContain("image/svg+xml");

      const place = ["demo", "--url", url, "--data", proxied.dataDir];
      const file = join(await makeDataDir(), "export");
      expect((await npm(["run", "-s", "export", "--", ...place, "--file", file])).stderr).not.toContain(
        "headcount:",
      );
      expect(await npm(["run", "-s", "import", "--", ...place, "--file", file])).toMatchObject({ code: 0 });
      expect(await count(proxied)).toBe(502);
    });

    test("who brings along an address or a country is not believed", async () => {
      const { server, proxied } = await behind({ HEADCOUNT_COUNTRY_HEADER: "x-country" });
      const settings = { method: "PUT", body: JSON.stringify({ dimensions: ["country"] }) };
      await fetch(`${server.url}/v1/settings`, {
        ...settings,
        headers: { authorization: `Bearer ${server.keys.secret}` },
      });
      const crowd = (whose: string) =>
        Array.from({ length: allowance }, (_, user) => ({ user: `${whose}-${user}` }));
      const statuses = async (through: TestServer) => {
        const addresses = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];
        const answers = addresses.map((address) =>
          beat(through, crowd(address), { "x-real-ip": address, "x-country": "NZ" }),
        );
        return (await Promise.all(answers)).map(({ status }) => status);
      };
      expect(await statuses(proxied)).toContain(429);
      expect(await countries(server)).toEqual([]);
      // Without the proxy each of them has an allowance of its own, and comes from where it says.
      expect(await statuses(server)).toEqual([200, 200, 200]);
      expect(await countries(server)).toEqual(["NZ"]);
    });

    test.runIf(name === "nginx")(
      "of a body that a stranger sends slowly the engine sees nothing until it is whole",
      async () => {
        const seen: string[] = [];
        const upstream = createServer((request, response) => {
          seen.push(request.url ?? "");
          request.resume().once("end", () => response.end("whole"));
        }).listen(0, "127.0.0.1");
        await once(upstream, "listening");
        const proxy = await startProxy(name, (upstream.address() as AddressInfo).port);
        const slow = async (path: string) => {
          const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1");
          await once(socket, "connect");
          socket.write(
            `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{`,
          );
          return socket;
        };
        seen.length = 0;
        const stranger = await slow("/v1/heartbeat");
        const owner = await slow("/v1/activity");
        await expect.poll(() => seen, { timeout: 30_000 }).toEqual(["/v1/activity"]);
        await fetch(`${proxy.url}/v1/heartbeat?other`, { method: "POST", body: "{}" });
        expect(seen).toEqual(["/v1/activity", "/v1/heartbeat?other"]);
        stranger.write("}");
        owner.write("}");
        await expect.poll(() => seen, { timeout: 30_000 }).toContain("/v1/heartbeat");
        stranger.destroy();
        owner.destroy();
        await proxy.stop();
        upstream.close();
        upstream.closeAllConnections();
      },
    );
  });
}

function beat(
  { url, keys }: TestServer,
  beats: { user: string }[],
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/v1/heartbeat`, {
    method: "POST",
    headers,
    body: JSON.stringify({ key: keys.public, beats }),
  });
}

interface Row {
  count: number | null;
  groups: { value: string }[];
}

async function ask({ url, keys }: TestServer, query: string): Promise<Row | undefined> {
  const response = await fetch(`${url}/v1/active?window=24h&fresh=1${query}`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  return ((await response.json()) as { windows: Row[] }).windows[0];
}

async function count(server: TestServer): Promise<number | null | undefined> {
  return (await ask(server, ""))?.count;
}

async function countries(server: TestServer): Promise<string[] | undefined> {
  return (await ask(server, "&by=country"))?.groups.map(({ value }) => value);
}
