import { audit } from "./audit.ts";
import { History } from "./history.ts";
import { app, keysOf } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import { Objects } from "./objects.ts";
import { drawFaults } from "./weather.ts";
import { socketClasses } from "./sockets.ts";
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
  return world.inhabit(socketClasses(world), async () => {
    const faults = drawFaults(world);
    const objects = new Objects(world, faults);
    const ledger = new Ledger(hasher);
    const history = new History(world, objects, ledger, faults, keys);
    try {
      const failure = await history.live();
      const complaints =
        failure === null
          ? [...audit(objects, ledger, hasher.keyId), ...(await history.complaints())]
          : [failure];
      complaints.unshift(...world.mishaps);
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
