import type { HeartbeatResponse } from "../../sdk/wire.ts";
import { acknowledgedUnder, type AppContext } from "../../worker/app/apps.ts";
import { Calendar } from "../../worker/counting/calendar.ts";
import type { AliasChange } from "../../worker/counting/rollup-state.ts";
import type { Settings } from "../../worker/counting/settings.ts";
import { Tally } from "../../worker/counting/counters.ts";
import { takeFrom } from "../../worker/handlers/heartbeat.ts";
import { changeAlias } from "../../worker/handlers/links.ts";
import { pushShards } from "../../worker/app/all-shards.ts";
import { ingestFor } from "../../worker/app/ingest-for.ts";
import type { HeartbeatBody } from "../../worker/schemas/beat-schema.ts";
import type { UserHasher } from "../../worker/ingest/user-hash.ts";
import { dayMs, settingsTtlMs } from "../../worker/limits.ts";
import { callObject } from "../../worker/app/call-object.ts";
import { rollupName } from "../../worker/app/object-names.ts";
import type { Ledger, SentBeat } from "./ledger.ts";
import type { Objects } from "./objects.ts";
import type { Actor, World } from "./world.ts";

const app = "simulated";

/** One of the Workers at the edge: the service's own handlers, with their memory, behind the check of credentials. */
export class Edge {
  actor: Actor;
  readonly #world: World;
  readonly #objects: Objects;
  readonly #hasher: UserHasher;
  readonly #ledger: Ledger;
  #context: AppContext | null = null;

  constructor(name: string, world: World, objects: Objects, hasher: UserHasher, ledger: Ledger) {
    this.actor = { name, skewMs: world.between(-50, 50), isAlive: true };
    this.#world = world;
    this.#objects = objects;
    this.#hasher = hasher;
    this.#ledger = ledger;
  }

  /** Another isolate takes its place: memory is empty, what was under way is not answered. */
  restart(): void {
    this.#world.note(`restart ${this.actor.name}`);
    this.actor.isAlive = false;
    this.actor = { ...this.actor, isAlive: true };
    this.#context = null;
  }

  /** A heartbeat of a client. Throws what the service throws. */
  async heartbeat(body: HeartbeatBody): Promise<HeartbeatResponse> {
    const now = Date.now();
    const context = await this.#open(now);
    const links = this.#noteLink(body);
    const sent = this.#ledger.offer(body.beats as SentBeat[], now, this.#world.now, 7 * dayMs);
    const sender = { context, role: "pub", isVerified: false, token: null } as const;
    const request = new Request("https://headcount.test/v1/heartbeat");
    const { answer } = await takeFrom(sender, { request, env: this.#objects.env, now }, body);
    this.#ledger.acknowledge(
      sent.filter((_, index) => !answer.rejected.some((rejected) => rejected.index === index)),
      this.#world.now,
    );
    links?.();
    return answer;
  }

  /** Activity that a server of the app reports. */
  async activity(beats: SentBeat[]): Promise<void> {
    const now = Date.now();
    const context = await this.#open(now);
    const sent = this.#ledger.offer(beats, now, this.#world.now, 400 * dayMs);
    const rules = { now, maxAgeMs: 400 * dayMs, facts: {}, isBot: false };
    const ingest = ingestFor(this.#objects.env, context, rules);
    const refusals = beats.map((beat) => ingest.add(beat));
    await ingest.flush();
    this.#ledger.acknowledge(
      sent.filter((_, index) => refusals[index] === null),
      this.#world.now,
    );
  }

  async change(change: "link" | "exclude" | "include", user: string, to = ""): Promise<void> {
    const context = await this.#open(Date.now());
    const hashed = this.#hasher.hash("user", user);
    const wanted: AliasChange =
      change === "link"
        ? { do: "link", user: hashed, to: this.#hasher.hash("user", to), onlyIfFree: false }
        : { do: change, user: hashed };
    await changeAlias(this.#objects.env, context, wanted, null);
  }

  async set(change: Partial<Settings>): Promise<void> {
    const { name } = await this.#open(Date.now());
    const { env } = this.#objects;
    await callObject(env.ROLLUPS, rollupName(name), (stub) => stub.changeSettings(change));
  }

  /** As `fresh=1` does: resolves once all that was acknowledged is in the roll-up. */
  async push(): Promise<void> {
    this.#context = null;
    await pushShards(this.#objects.env, await this.#open(Date.now()));
  }

  #noteLink({ beats, link }: HeartbeatBody): (() => void) | null {
    const anonymous = (link as { anonymous?: string } | undefined)?.anonymous;
    const user = (beats as SentBeat[]).find((beat) => beat.user !== undefined)?.user;
    if (anonymous === undefined || user === undefined) return null;
    return this.#ledger.linking(`anonymous ${anonymous}`, `user ${user}`, this.#world.now);
  }

  async #open(now: number): Promise<AppContext> {
    const held = this.#context;
    if (held !== null && now - held.readAt < settingsTtlMs) return held;
    const name = { app, keyId: this.#hasher.keyId };
    const config = await callObject(this.#objects.env.ROLLUPS, rollupName(name), (stub) => stub.config());
    this.#context = {
      name,
      hasher: this.#hasher,
      acknowledged: acknowledgedUnder(config, held),
      tally: new Tally(),
      tokenKey: {} as CryptoKey,
      identityKeys: null,
      config,
      calendar: new Calendar(config.zones),
      readAt: now,
    };
    return this.#context;
  }
}
