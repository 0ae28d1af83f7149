import type { DiskFaults } from "./disk.ts";
import type { World } from "./world.ts";

/** How calls between parts go wrong. Chances from 0 to 1. */
export interface NetworkFaults {
  /** A message is lost on its way there, or arrives after its sender has given up. */
  lostRequest: number;
  /** An answer is lost on its way back; it has happened. */
  lostAnswer: number;
  /** A message takes seconds. */
  slow: number;
}

export interface Faults {
  network: NetworkFaults;
  disk: DiskFaults;
}

/** Some seeds are calm, some are stormy, each in its own way. */
export function drawFaults(world: World): Faults {
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

/** From now on nothing fails by itself. */
export function calm({ network, disk }: Faults): void {
  Object.assign(network, { lostRequest: 0, lostAnswer: 0, slow: 0 });
  Object.assign(disk, { write: 0, slowFlush: 0, lostAlarm: 0, doubledAlarm: 0, lateAlarm: 0 });
}
