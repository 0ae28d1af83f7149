import { ClientNetwork } from "./client-network.ts";
import { Device } from "./device.ts";
import { Edge } from "./edge.ts";
import type { Keys } from "./keys.ts";
import type { Ledger, SentBeat } from "./ledger.ts";
import type { Faults, Objects } from "./objects.ts";
import { TokenClient } from "./token-client.ts";
import { TokenLedger } from "./token-ledger.ts";
import { missedMs, Visitor } from "./visitor.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;

/** Tokens are rotated often enough to see it: in seconds. */
const terms = { tokenTtl: 3600, tokenMinTtl: 600 };

/** What people, servers and machines do in one seed. */
export class History {
  readonly #world: World;
  readonly #objects: Objects;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #edges: Edge[];
  readonly #devices: Device[];
  readonly #visitors: Visitor[];
  readonly #tokens: TokenLedger;
  readonly #tokenClients: TokenClient[];
  /** Whether machines fail only where somebody breaks them. */
  readonly #isCalm: boolean;
  readonly #hasLostAlarms: boolean;
  /** Changes that are tried again until they are acknowledged. */
  #underWay = 0;

  constructor(world: World, objects: Objects, ledger: Ledger, faults: Faults, held: Keys) {
    this.#world = world;
    this.#objects = objects;
    this.#ledger = ledger;
    this.#faults = faults;
    this.#edges = [1, 2].map((index) => new Edge(`edge ${index}`, world, objects, held, ledger));
    const network = new ClientNetwork(world, this.#edges, faults.network);
    this.#devices = Array.from(
      { length: world.between(2, 5) },
      (_, index) => new Device(`device ${index}`, world, network),
    );
    this.#visitors = Array.from(
      { length: world.between(0, 4) },
      (_, index) => new Visitor(`visitor ${index}`, world, this.#edges, ledger),
    );
    this.#tokens = new TokenLedger(world);
    const ledgers = { ledger, tokens: this.#tokens };
    this.#tokenClients = Array.from(
      { length: world.between(0, 4) },
      (_, index) => new TokenClient(`client ${index}`, `t-${index >> 1}`, world, network, ledgers),
    );
    objects.onEnd = (name, isCrash, isBehind) => {
      for (const visitor of this.#visitors) visitor.gateEnded(name, isCrash, isBehind);
    };
    const { disk } = faults;
    this.#isCalm = Object.values({ ...faults.network, ...disk }).every((chance) => chance === 0);
    this.#hasLostAlarms = disk.lostAlarm > 0;
  }

  /** Returns what kept it from coming to rest, or null. */
  async live(): Promise<string | null> {
    const world = this.#world;
    if (world.chance(0.4)) world.now = Date.parse("2026-11-20T23:40:00Z") - world.pick([0, 345 * minuteMs]);
    const zone = world.pick(["UTC", "Asia/Kathmandu"]);
    this.#ledger.cutDaysAt(zone === "UTC" ? 0 : 345 * minuteMs);
    this.#until(() =>
      this.#edge().set({ timeZone: zone, dimensions: ["platform"], shards: world.pick([1, 2]), ...terms }),
    );
    await world.run(world.now + 5 * minuteMs, () => this.#underWay === 0);
    if (this.#underWay > 0) return "the settings could not be changed";

    const start = world.now + minuteMs;
    const end = start + world.between(10, 50) * minuteMs;
    const somewhen = () => world.between(start, end) - world.now;
    for (let times = world.between(8, 25); times > 0; times--)
      world.soon(somewhen(), () => this.#devicesMove());
    for (let times = 6 * this.#visitors.length; times > 0; times--)
      world.soon(somewhen(), () => this.#visitorsMove());
    for (let times = 12 * this.#tokenClients.length; times > 0; times--)
      world.soon(somewhen(), () => this.#tokensMove());
    for (let times = world.between(5, 25); times > 0; times--)
      world.soon(somewhen(), () => this.#serverReports());
    for (let times = world.between(0, 5); times > 0; times--)
      world.soon(somewhen(), () => this.#somebodyIsLinked());
    for (let times = world.between(0, 3); times > 0; times--)
      world.soon(somewhen(), () => this.#somebodyIsExcluded());
    for (let times = world.between(0, 3); times > 0; times--)
      world.soon(somewhen(), () => this.#shardsAreDoubled());
    for (let times = world.between(0, 15); times > 0; times--)
      world.soon(somewhen(), () => this.#somethingBreaks());
    await world.run(end);
    return this.#comeToRest();
  }

  /** What devices that have been here for a while have noted and never delivered. */
  unkeptPromises(): string[] {
    return this.#devices.flatMap((device) => device.undelivered(this.#ledger));
  }

  /** Closes what a module outside of the world remembers. */
  end(): void {
    for (const device of this.#devices) device.close();
  }

  async #comeToRest(): Promise<string | null> {
    const world = this.#world;
    Object.assign(this.#faults.network, { lostRequest: 0, lostAnswer: 0, slow: 0 });
    Object.assign(this.#faults.disk, { write: 0, slowFlush: 0, lostAlarm: 0, doubledAlarm: 0, lateAlarm: 0 });
    for (const device of this.#devices) device.isOnline = true;
    await world.run(world.now + 12 * minuteMs, () => false);
    // What is said while the last push is under way need not be in it: first nobody says anything new.
    for (const device of this.#devices) device.rest();
    for (const visitor of this.#visitors) visitor.leave();
    await world.run(world.now + minuteMs);
    await world.run(world.now + 5 * minuteMs, () => this.#underWay === 0);
    if (this.#underWay > 0) return "a change is never acknowledged";
    for (const visitor of this.#visitors) visitor.settle(this.#isCalm, this.#hasLostAlarms);
    this.#until(() => this.#edge().push());
    await world.run(world.now + 5 * minuteMs, () => this.#underWay === 0);
    if (this.#underWay > 0) return "the shards can't push";
    // What is not on disk does not count.
    for (const name of this.#objects.names()) this.#objects.crash(name);
    return null;
  }

  #edge(): Edge {
    return this.#world.pick(this.#edges);
  }

  /** Tries until it is acknowledged, as a server of the app would. */
  #until(change: () => Promise<void>, done: () => void = () => {}): void {
    const world = this.#world;
    this.#underWay++;
    const attempt = () => {
      const edge = this.#edge();
      let isSettled = false;
      const again = () => {
        if (isSettled) return;
        isSettled = true;
        world.soon(world.between(500, 5000), attempt);
      };
      // An edge that dies answers nobody: then it is tried again after a while.
      world.soon(60_000, again);
      const work = async () => {
        try {
          await change();
        } catch {
          again();
          return;
        }
        if (isSettled) return;
        isSettled = true;
        this.#underWay--;
        done();
      };
      world.after(0, () => void work(), edge.actor);
    };
    attempt();
  }

  #devicesMove(): void {
    const world = this.#world;
    const device = world.pick(this.#devices);
    const user = `u-${world.between(0, 8)}`;
    world.pick([
      () => device.open(null),
      () => device.open(user),
      () => device.open(user),
      () => device.identify(user),
      () => device.close(),
      () => device.show(!device.isVisible),
      () => device.show(true),
      () => {
        device.isOnline = !device.isOnline;
        device.wake();
      },
    ])();
  }

  #visitorsMove(): void {
    const world = this.#world;
    const visitor = world.pick(this.#visitors);
    const name = world.between(0, 6);
    if (!visitor.isHere) return visitor.come(name < 4 ? { user: `u-${name}` } : { anonymous: `v-${name}` });
    world.pick([
      () => visitor.leave(),
      () => visitor.vanish(),
      () => visitor.show(true),
      () => {
        visitor.show(false);
        world.soon(missedMs, () => visitor.show(true));
      },
      () => {
        visitor.show(false);
        world.soon(2 * missedMs, () => visitor.show(true));
      },
    ])();
  }

  #tokensMove(): void {
    const world = this.#world;
    const client = world.pick(this.#tokenClients);
    const somewhen = () => world.between(0, 30 * minuteMs);
    if (world.chance(0.85)) {
      client.beat();
      // Another tab, while the answer to the first is under way.
      if (world.chance(0.3)) world.soon(world.between(0, 40_000), () => client.beat());
      return;
    }
    world.pick([
      () => client.logOut(),
      () => client.rob([somewhen(), somewhen(), somewhen()]),
      () => client.rob([somewhen(), somewhen(), somewhen()]),
      () => this.#passwordChanges(client.user),
    ])();
  }

  #passwordChanges(user: string): void {
    const revoked = this.#tokens.revoking({ user });
    this.#until(() => this.#edge().revoke(user), revoked);
  }

  #serverReports(): void {
    const world = this.#world;
    const beats = Array.from({ length: world.between(1, 6) }, (): SentBeat => {
      const lateMs = world.chance(0.2)
        ? world.between(0, 40 * 60 * minuteMs)
        : world.between(0, 3 * minuteMs);
      return {
        user: world.chance(0.15) ? `staff-${world.between(0, 3)}` : `u-${world.between(0, 12)}`,
        at: world.now - lateMs,
        ...(world.chance(0.5) && { dimensions: { platform: world.pick(["web", "ios"]) } }),
      };
    });
    this.#report(beats);
  }

  /** Perhaps twice, and perhaps just before something breaks. */
  #report(beats: SentBeat[]): void {
    const world = this.#world;
    const edge = this.#edge();
    const times = world.chance(0.2) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      world.after(world.between(0, 3000), () => void edge.activity(beats).catch(() => {}), edge.actor);
    }
    if (world.chance(0.2)) {
      const shards = this.#objects.names().filter((name) => name.startsWith("Shard/"));
      world.soon(world.between(0, 5000), () => this.#objects.crash(world.pick(shards)));
    }
  }

  /** Each user is linked at most to one with a lower number, so that there are chains and no circles. */
  #somebodyIsLinked(): void {
    const from = this.#world.between(1, 12);
    const [user, to] = [`u-${from}`, `u-${Math.floor(from / 2)}`];
    // Most of what can go wrong with a link is under way when it comes.
    if (this.#world.chance(0.5)) this.#report([{ user, at: this.#world.now }]);
    const acknowledged = this.#ledger.linking(`user ${user}`, `user ${to}`, this.#world.now);
    this.#until(() => this.#edge().link(user, to), acknowledged);
  }

  /** Staff is excluded, and sometimes counted again later; one thing after the other. */
  #somebodyIsExcluded(): void {
    const world = this.#world;
    const staff = `staff-${world.between(0, 3)}`;
    const person = `user ${staff}`;
    if (this.#excluded.has(staff)) return;
    this.#excluded.add(staff);
    const excluded = this.#ledger.excluding(person, world.now);
    this.#until(
      () => this.#edge().exclude(staff),
      () => {
        excluded(world.now);
        if (!world.chance(0.5)) return;
        // Not before the last echo of the exclusion has died away, which would exclude again whoever is included.
        world.soon(world.between(30_000, 10 * minuteMs), () => {
          const included = this.#ledger.including(person, world.now);
          this.#until(
            () => this.#edge().include(staff),
            () => included(world.now),
          );
        });
      },
    );
  }
  readonly #excluded = new Set<string>();

  #shardsAreDoubled(): void {
    this.#shards = Math.min(8, this.#shards * 2);
    const shards = this.#shards;
    this.#world.note(`${shards} shards`);
    this.#until(() => this.#edge().set({ shards }));
  }
  #shards = 2;

  #somethingBreaks(): void {
    const world = this.#world;
    const names = this.#objects.names();
    world.pick([
      () => this.#objects.crash(world.pick(names)),
      () => this.#objects.crash(world.pick(names)),
      () => this.#objects.evict(world.pick(names)),
      () => this.#edge().restart(),
    ])();
  }
}
