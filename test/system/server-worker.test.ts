import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { activeNow } from "../support/active-now.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting-proxy.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

let service: TestServer;
let proxy: CountingProxy;
let app: Miniflare;

beforeAll(async () => {
  service = await startServer();
  proxy = await startCountingProxy(service.url);
  const { outputFiles } = await build({
    absWorkingDir: rootDir,
    entryPoints: ["examples/server/worker.ts"],
    bundle: true,
    format: "esm",
    write: false,
  });
  const options = convertV4MiniflareOptions({
    name: "app",
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-10-01",
    bindings: { HEADCOUNT_ENDPOINT: proxy.url, HEADCOUNT_SECRET_KEY: service.keys.secret },
  });
  app = new Miniflare(options);
  await app.ready;
});
afterAll(async () => {
  await app?.dispose();
  await proxy?.close();
  await service?.stop();
  await cleanUp();
});

async function visit(user: string): Promise<void> {
  const response = await app.dispatchFetch("http://app.test/", { headers: { "x-user": user } });
  expect(await response.text()).toBe("Hello, whoever you are.\n");
}

test("the example Worker counts each user once, over requests that run at the same time and one after the other", async () => {
  await stayWithinSlot();
  const users = Array.from({ length: 20 }, (_, user) => `worker-${user}`);
  for (let round = 0; round < 3; round++) {
    await Promise.all(users.flatMap((user) => [visit(user), visit(user), visit(user)]));
  }
  await expect.poll(() => activeNow(service), { timeout: 10_000 }).toBe(20);
  expect(proxy.beats).toHaveLength(20);

  // What waits while the service is away goes with whoever comes after.
  proxy.isDown = true;
  await visit("worker-away");
  await expect.poll(() => proxy.cut).toBeGreaterThan(0);
  proxy.isDown = false;
  let next = 0;
  await expect
    .poll(
      async () => {
        await visit(`worker-next-${next++}`);
        return proxy.beats.some(({ user }) => user === "worker-away");
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  await expect.poll(() => activeNow(service), { timeout: 10_000 }).toBe(21 + next);
});
