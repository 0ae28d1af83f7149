import { expect, test } from "vitest";
import { type Resolution, resolutions } from "../../worker/counting/resolution.ts";
import { auc } from "../support/auc.ts";
import { Edge } from "./edge.ts";
import { app, keysOf } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import { Objects } from "./objects.ts";
import { socketClasses } from "./sockets.ts";
import { drawFaults } from "./weather.ts";
import { World } from "./world.ts";

const keys = await keysOf(app);
const probes = 500;

/** What a stranger with the public key sees: how long the answers took to half a thousand ids, half of which had been active. */
function probe(seed: number, resolution: Resolution): Promise<{ seen: number[]; unseen: number[] }> {
  const world = new World(seed);
  return world.inhabit(socketClasses(world), async () => {
    const faults = drawFaults(world);
    Object.assign(faults.network, { lostRequest: 0, lostAnswer: 0 });
    Object.assign(faults.disk, { write: 0 });
    const objects = new Objects(world, faults);
    const edge = new Edge("edge", world, objects, keys, new Ledger(keys.hasher));
    const timeOf = async (ask: () => Promise<unknown>) => {
      const beginsAt = world.now;
      let tookMs: number | null = null;
      const askNow = async () => {
        await ask();
        tookMs = world.now - beginsAt;
      };
      world.after(0, () => void askNow(), edge.actor);
      await world.run(Infinity, () => tookMs !== null);
      return tookMs as unknown as number;
    };
    const beat = (user: string) =>
      timeOf(async () => {
        const body = { key: keys.pub, beats: [{ user }] };
        expect((await edge.fetch("POST", "/v1/heartbeat", body, null)).status).toBe(200);
      });
    await timeOf(() => edge.set({ resolution }));
    const users = Array.from({ length: probes / 2 }, (_, user) => `user-${user}`);
    for (const user of users) await beat(user);
    const [seen, unseen]: [number[], number[]] = [[], []];
    const order = Array.from({ length: probes }, (_, index) => index).toSorted(() => world.random() - 0.5);
    for (const index of order) {
      const user = users[index];
      (user === undefined ? unseen : seen).push(await beat(user ?? `nobody-${index}`));
    }
    objects.close();
    return { seen, unseen };
  });
}

test.each(resolutions)(
  "how long an answer takes doesn't tell who had been active: at %s",
  async (resolution) => {
    const curves: number[] = [];
    for (let seed = 1; seed <= 10; seed++) {
      const { seen, unseen } = await probe(seed, resolution);
      expect([seen.length, unseen.length]).toEqual([probes / 2, probes / 2]);
      curves.push(auc(seen, unseen));
    }
    // Of 250 and 250 alike it is 0.5 ± 0.026; over ten worlds ± 0.008.
    const mean = curves.reduce((sum, each) => sum + each, 0) / curves.length;
    expect([mean, ...curves].filter((each) => Math.abs(each - 0.5) > 0.1)).toEqual([]);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  },
);
