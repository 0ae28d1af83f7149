import { audit } from "./audit.ts";
import { History } from "./history.ts";
import { app, keysOf } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import { type Faults, Objects } from "./objects.ts";
import { World } from "./world.ts";

/** What came of one seed. */
export interface Outcome {
  seed: number;
  /** What was wrong in the end, in words; empty when all was well. */
  complaints: string[];
  /** The same for the same seed. */
  fingerprint: string;
  /** The last of what happened. */
  trace: string[];
  beats: number;
  steps: number;
}

const keys = await keysOf(app);

/** Lives through one seeded history, waits for quiet, and looks whether what was acknowledged is there. */
export async function simulate(seed: number): Promise<Outcome> {
  const { hasher } = keys;
  const world = new World(seed);
  return world.inhabit(async () => {
    const faults = drawFaults(world);
    const objects = new Objects(world, faults);
    const ledger = new Ledger(hasher);
    const history = new History(world, objects, ledger, faults, keys);
    try {
      const failure = await history.live();
      const complaints = [
        ...world.mishaps,
        ...(failure === null
          ? [...audit(objects, ledger, hasher.keyId), ...history.unkeptPromises()]
          : [failure]),
      ];
      world.note(`${complaints.length} complaints`);
      return {
        seed,
        complaints,
        fingerprint: world.fingerprint(),
        trace: world.trace,
        beats: ledger.beats.length,
        steps: world.steps,
      };
    } finally {
      history.end();
      objects.close();
    }
  });
}

/** Some seeds are calm, some are stormy, each in its own way. */
function drawFaults(world: World): Faults {
  const strength = world.pick([0, 0.3, 1, 1, 2]);
  const up = (most: number) => world.random() * most * strength;
  return {
    network: { lostRequest: up(0.1), lostAnswer: up(0.1), slow: up(world.pick([0.1, 0.3])) },
    disk: {
      write: world.chance(0.3) ? up(0.02) : 0,
      slowFlush: up(0.1),
      lostAlarm: world.chance(0.3) ? up(0.2) : 0,
      doubledAlarm: up(0.2),
      lateAlarm: up(0.2),
    },
  };
}
