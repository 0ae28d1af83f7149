import { settingsTtlMs } from "../../worker/limits.ts";
import type { Attempts } from "./attempts.ts";
import type { Edge } from "./edge.ts";
import type { Ledger } from "./ledger.ts";
import type { Objects } from "./objects.ts";
import type { World } from "./world.ts";

const dayMs = 86_400_000;

/** Whoever changes the app's settings, perhaps in two windows at once, and the clients that have missed it. */
export class Owner {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #attempts: Attempts;
  #shards = 2;
  /** When it was acknowledged that keys without a revision are retired. */
  #retiredAt = Infinity;

  constructor(world: World, ledger: Ledger, attempts: Attempts) {
    this.#world = world;
    this.#ledger = ledger;
    this.#attempts = attempts;
  }

  doubleShards(): void {
    this.#shards = Math.min(8, this.#shards * 2);
    const shards = this.#shards;
    this.#world.note(`${shards} shards`);
    this.#attempts.until((edge) => edge.set({ shards }));
  }

  /** Two changes at once, each of which may be right and both together wrong. Each may be refused. */
  changeTerms(): void {
    const world = this.#world;
    const changes = [
      { tokenTtl: world.pick([900, 1800, 3600]) },
      { tokenMinTtl: world.pick([600, 1200, 2400]) },
    ];
    for (const change of changes) this.#attempts.until((edge) => edge.set(change, true));
  }

  /** All roles at once, or those that nobody here uses first. */
  retireKeys(): void {
    if (this.#world.chance(0.5)) this.#attempts.until((edge) => edge.set({ keyRevisions: { read: 1 } }));
    this.#attempts.until(
      (edge) => edge.set(this.#world.pick([{ keyRevision: 1 }, { keyRevisions: { pub: 1 } }])),
      () => {
        this.#retiredAt = Math.min(this.#retiredAt, this.#world.now);
      },
    );
  }

  /** Somebody's page still has a key of the first revision. */
  straggle(edge: Edge): void {
    const world = this.#world;
    const work = async () => {
      const beats = [{ user: `old-${world.between(0, 3)}` }];
      const isTooLate = world.now > this.#retiredAt + settingsTtlMs;
      const sent = this.#ledger.offer(beats, Date.now(), world.now, 7 * dayMs);
      const { status } = await edge.heartbeatWithOldKey(beats);
      if (status === 401) this.#ledger.withdraw(sent);
      if (status !== 200) return;
      this.#ledger.acknowledge(sent, world.now);
      if (isTooLate) world.mishaps.push("a retired key is good");
    };
    world.after(0, () => void work(), edge.actor);
  }

  /** What is wrong with the settings that are stored in the end. */
  complaints(objects: Objects): string[] {
    const { tokenTtl, tokenMinTtl, keyRevisions } = objects.settings();
    const complaints: string[] = [];
    if (tokenMinTtl >= tokenTtl)
      complaints.push(`tokens live ${tokenTtl} s and are rotated after ${tokenMinTtl}`);
    if (this.#retiredAt < Infinity && keyRevisions.pub !== 1)
      complaints.push("a change of settings was lost");
    return complaints;
  }
}
