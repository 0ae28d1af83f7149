import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";

/**
 * What people would write instead: heartbeats over HTTP into a store, and a question for the monthly figure. Prints its port
 * once it listens; ends, with its store and its data, when its standard input does.
 */
const [name] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), `headcount-peer-${name}-`));
const { open } = await import(`./${name}.js`);
const store = await open(dir);
const today = () => new Date().toISOString().slice(0, 10);

const server = Fastify({ bodyLimit: 2 ** 20 });
server.post("/v1/heartbeat", async ({ body: { beats } }) => {
  await store.add(
    beats.map(({ user }) => user),
    today(),
  );
  return { accepted: beats.length };
});
server.post("/fill", async ({ body: { people, days } }) => {
  await store.fill(people, days);
  return { bytes: await store.bytes() };
});
for (const [way, count] of Object.entries(store.counts)) {
  server.get(`/mau/${way}`, async () => ({ count: await count() }));
}
await server.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ port: server.server.address().port })}\n`);

for await (const _ of process.stdin);
await store.close();
rmSync(dir, { recursive: true, force: true });
process.exit();
