import { request } from "node:http";
import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";
import { auc } from "../test/support/auc.ts";
import { seeded } from "../test/support/population.ts";

const probes = 500;

/** How well the time of an answer tells who had been active, as Markdown: by a stranger next door, with the public key. */
export async function timingBench(): Promise<string> {
  const server = await startServer();
  try {
    const seen = Array.from({ length: probes / 2 }, (_, user) => `seen-${user}`);
    for (const user of seen) await millisecondsOf(server, user);
    const random = seeded(1);
    const ids = [...seen, ...seen.map((_, user) => `unseen-${user}`)].toSorted(() => random() - 0.5);
    const times = new Map<string, number>();
    for (const id of ids) times.set(id, await millisecondsOf(server, id));
    const of = (prefix: string) => ids.filter((id) => id.startsWith(prefix)).map((id) => times.get(id)!);
    const [known, unknown] = [of("seen"), of("unseen")];
    return `## What the time of an answer tells

${probes} heartbeats with the public key, one after the other, of people of whom half had been active in the same slot.

| | median |
| --- | ---: |
| had been active | ${median(known).toFixed(2)} ms |
| had not | ${median(unknown).toFixed(2)} ms |
| area under the curve (0.5: time tells nothing) | ${auc(known, unknown).toFixed(3)} |
`;
  } finally {
    await server.stop();
    await cleanUp();
  }
}

function millisecondsOf({ url, keys }: TestServer, user: string): Promise<number> {
  const body = JSON.stringify({ key: keys.public, beats: [{ user }] });
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/heartbeat`, { method: "POST" }, (answer) => {
      answer.resume().once("end", () => {
        if (answer.statusCode === 200) resolve(performance.now() - startedAt);
        else reject(new Error(`expected 200, got ${answer.statusCode}`));
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}
