import { Attempts } from "./attempts.ts";
import { ClientNetwork } from "./client-network.ts";
import { Device } from "./device.ts";
import { Edge } from "./edge.ts";
import type { Keys } from "./keys.ts";
import type { Ledger, SentBeat } from "./ledger.ts";
import { calm, drawFaults, type Faults } from "./weather.ts";
import type { Objects } from "./objects.ts";
import { Owner } from "./owner.ts";
import { Transfer } from "./transfer.ts";
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
  readonly #attempts: Attempts;
  readonly #owner: Owner;
  /** Null where the app is not copied. */
  readonly #transfer: Transfer | null;
  #isOver = false;

  constructor(world: World, objects: Objects, ledger: Ledger, faults: Faults, held: Keys) {
    this.#world = world;
    this.#objects = objects;
    this.#ledger = ledger;
    this.#faults = faults;
    this.#edges = [1, 2].map((index) => new Edge(`edge ${index}`, world, objects, held, ledger));
    this.#attempts = new Attempts(world, this.#edges);
    this.#owner = new Owner(world, ledger, this.#attempts);
    this.#transfer = world.chance(0.2) ? new Transfer(world, drawFaults(world), held, ledger) : null;
    const network = new ClientNetwork(world, this.#edges, faults.network);
    this.#devices = Array.from(
      { length: world.between(2, 5) },
      (_, index) => new Device(`device ${index}`, world, network),
    );
    this.#visitors = Array.from(
      { length: world.chance(0.6) ? world.between(1, 4) : 0 },
      (_, index) => new Visitor(`visitor ${index}`, world, this.#edges, ledger),
    );
    this.#tokens = new TokenLedger(world);
    const ledgers = { ledger, tokens: this.#tokens };
    this.#tokenClients = Array.from(
      { length: world.chance(0.6) ? world.between(1, 4) : 0 },
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
    this.#attempts.until((edge) =>
      edge.set({ timeZone: zone, dimensions: ["platform"], shards: world.pick([1, 2]), ...terms }),
    );
    if (!(await this.#attempts.settle())) return "the settings could not be changed";

    const start = world.now + minuteMs;
    const end = start + world.between(10, 50) * minuteMs;
    const somewhen = () => world.between(start, end) - world.now;
    for (let times = world.between(8, 25); times > 0; times--)
      world.soon(somewhen(), () => this.#devicesMove());
    for (let times = 5 * this.#visitors.length; times > 0; times--)
      world.soon(somewhen(), () => this.#visitorsMove());
    for (let times = 9 * this.#tokenClients.length; times > 0; times--)
      world.soon(somewhen(), () => this.#tokensMove());
    for (let times = world.between(5, 25); times > 0; times--)
      world.soon(somewhen(), () => this.#serverReports());
    for (let times = world.between(0, 5); times > 0; times--)
      world.soon(somewhen(), () => this.#somebodyIsLinked());
    for (let times = world.between(0, 3); times > 0; times--)
      world.soon(somewhen(), () => this.#somebodyIsExcluded());
    for (let times = world.between(0, 3); times > 0; times--)
      world.soon(somewhen(), () => this.#owner.doubleShards());
    for (let times = world.between(-2, 3); times > 0; times--)
      world.soon(somewhen(), () => this.#owner.changeTerms());
    for (let times = world.between(-6, 8); times > 0; times--)
      world.soon(somewhen(), () => this.#owner.straggle(this.#world.pick(this.#edges)));
    if (world.chance(0.3)) world.soon(somewhen(), () => this.#owner.retireKeys());
    if (world.chance(0.15))
      world.soon(somewhen(), () =>
        this.#attempts.until((edge) => edge.revokeEverybody(), this.#tokens.revokingAll()),
      );
    if (world.chance(0.5)) world.soon(somewhen(), () => this.#transfer?.exportFrom(this.#attempts, false));
    for (let times = world.between(0, 15); times > 0; times--)
      world.soon(somewhen(), () => this.#somethingBreaks());
    await world.run(end);
    return this.#comeToRest();
  }

  /** What is wrong in the end besides what was counted: what devices never delivered, what settings and copies hold. */
  async complaints(): Promise<string[]> {
    return [
      ...this.#devices.flatMap((device) => device.undelivered(this.#ledger)),
      ...this.#owner.complaints(this.#objects),
      ...((await this.#transfer?.importAndCompare(this.#objects)) ?? []),
    ];
  }

  /** Closes what a module outside of the world remembers. */
  end(): void {
    for (const device of this.#devices) device.close();
    this.#transfer?.close();
  }

  async #comeToRest(): Promise<string | null> {
    const world = this.#world;
    calm(this.#faults);
    for (const device of this.#devices) device.isOnline = true;
    await world.run(world.now + 6 * minuteMs);
    // By now some of them wait for an hour, which a sign of life in a later slot cuts short.
    for (const device of this.#devices) device.wake();
    await world.run(world.now + 12 * minuteMs);
    // What is said while the last push is under way need not be in it: first nobody says anything new.
    this.#isOver = true;
    for (const device of this.#devices) device.rest();
    for (const visitor of this.#visitors) visitor.leave();
    await world.run(world.now + minuteMs);
    if (!(await this.#attempts.settle())) return "a change is never acknowledged";
    for (const visitor of this.#visitors) visitor.settle(this.#isCalm, this.#hasLostAlarms);
    this.#attempts.until((edge) => edge.push());
    if (!(await this.#attempts.settle())) return "the shards can't push";
    this.#transfer?.exportFrom(this.#attempts, true);
    if (!(await this.#attempts.settle())) return "the app can't be exported";
    // What is not on disk does not count.
    for (const name of this.#objects.names()) this.#objects.crash(name);
    return null;
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
    const [visitor, name] = [world.pick(this.#visitors), world.between(0, 6)];
    if (!visitor.isHere) return visitor.come(name < 4 ? { user: `u-${name}` } : { anonymous: `v-${name}` });
    const hide = () => {
      visitor.show(false);
      world.soon(world.pick([1, 2]) * missedMs, () => visitor.show(true));
    };
    world.pick([hide, hide, () => visitor.leave(), () => visitor.vanish()])();
  }

  #tokensMove(): void {
    const world = this.#world;
    const client = world.pick(this.#tokenClients);
    if (world.chance(0.85)) {
      client.beat();
      // Another tab, while the answer to the first is under way.
      if (world.chance(0.3)) world.soon(world.between(0, 40_000), () => client.beat());
      return;
    }
    world.pick([
      () => client.logOut(),
      () => this.#somebodySteals(client),
      () => this.#somebodySteals(client),
      () => this.#passwordChanges(client.user),
    ])();
  }

  #somebodySteals(client: TokenClient): void {
    const world = this.#world;
    const thief = client.thief();
    for (let times = 3; times > 0; times--)
      world.soon(world.between(0, 30 * minuteMs), () => {
        if (!this.#isOver) thief?.useLoot();
      });
  }

  #passwordChanges(user: string): void {
    const revoked = this.#tokens.revoking({ user });
    this.#attempts.until((edge) => edge.revoke(user), revoked);
  }

  #serverReports(): void {
    this.#somebodyActs();
    // What follows at once has to wait for the next commit.
    this.#report(this.#someBeats(), this.#world.chance(0.3) ? this.#someBeats() : []);
  }

  /** Somebody acts, and acts again, and a server of the app says so each time; or a few act at once. */
  #somebodyActs(): void {
    const world = this.#world;
    const edge = world.pick(this.#edges);
    const say = (user: string, inMs: number) =>
      void world.after(inMs, () => void edge.signOfLife({ user }), edge.actor);
    if (world.chance(0.5)) {
      const user = world.chance(0.3) ? `staff-${world.between(0, 3)}` : `u-${world.between(0, 12)}`;
      for (let times = world.between(1, 4); times > 0; times--) say(user, world.between(0, 4 * minuteMs));
      return;
    }
    // Whoever is seen nowhere else is missed when a call that they share is lost.
    for (let people = 6; people > 0; people--) say(`r-${world.between(0, 1e6)}`, world.between(0, 30));
    if (world.chance(0.5)) world.soon(world.between(0, 60), () => this.#crashes(/^Shard/));
  }

  #someBeats(): SentBeat[] {
    const world = this.#world;
    return Array.from({ length: world.between(1, 6) }, (): SentBeat => {
      const lateMs = world.chance(0.2)
        ? world.between(0, 40 * 60 * minuteMs)
        : world.between(0, 3 * minuteMs);
      return {
        user: world.chance(0.15) ? `staff-${world.between(0, 3)}` : `u-${world.between(0, 12)}`,
        at: world.now - lateMs,
        ...(world.chance(0.5) && { dimensions: { platform: world.pick(["web", "ios"]) } }),
      };
    });
  }

  /** Perhaps twice, and perhaps just before something breaks, or just after it is acknowledged. */
  #report(beats: SentBeat[], more: SentBeat[] = []): void {
    const world = this.#world;
    const edge = this.#world.pick(this.#edges);
    const report = async () => {
      await edge.activity(beats).catch(() => {});
      if (more.length > 0) await edge.activity(more).catch(() => {});
      if (world.chance(0.2)) world.soon(world.between(0, 20), () => this.#crashes(/^(Shard|Rollup)/));
    };
    const times = world.chance(0.2) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      world.after(world.between(0, 3000), () => void report(), edge.actor);
    }
    if (world.chance(0.2)) world.soon(world.between(0, 5000), () => this.#crashes(/^Shard/));
  }

  #crashes(which: RegExp): void {
    for (const name of this.#objects.names()) if (which.test(name)) this.#objects.crash(name);
  }

  /** Each user is linked at most to one with a lower number, so that there are chains and no circles. */
  #somebodyIsLinked(): void {
    const from = this.#world.between(1, 12);
    const [user, to] = [`u-${from}`, `u-${Math.floor(from / 2)}`];
    // Most of what can go wrong with a link is under way when it comes.
    if (this.#world.chance(0.5)) this.#report([{ user, at: this.#world.now }]);
    const acknowledged = this.#ledger.linking(`user ${user}`, `user ${to}`, this.#world.now);
    this.#attempts.until((edge) => edge.link(user, to), acknowledged);
  }

  /** Staff is excluded, and sometimes counted again later; one thing after the other. */
  #somebodyIsExcluded(): void {
    const world = this.#world;
    const staff = `staff-${world.between(0, 3)}`;
    const person = `user ${staff}`;
    if (this.#excluded.has(staff)) return;
    this.#excluded.add(staff);
    const excluded = this.#ledger.excluding(person, world.now);
    this.#attempts.until(
      (edge) => edge.exclude(staff),
      () => {
        excluded(world.now);
        if (!world.chance(0.5)) return;
        // Not before the last echo of the exclusion has died away, which would exclude again whoever is included.
        world.soon(world.between(30_000, 10 * minuteMs), () => {
          const edge = world.pick(this.#edges);
          const act = (inMs: number) =>
            world.after(inMs, () => void edge.signOfLife({ user: staff }), edge.actor);
          act(0);
          // By then nothing of it is under way any more, which would come back with them.
          world.soon(40_000, () => {
            const included = this.#ledger.including(person, world.now);
            this.#attempts.until(
              (other) => other.include(staff),
              () => {
                included(world.now);
                // Of old settings, which say otherwise, an edge has let go by then.
                for (const seconds of [40, 60, 80]) act(seconds * 1000);
              },
            );
          });
        });
      },
    );
  }
  readonly #excluded = new Set<string>();

  #somethingBreaks(): void {
    const world = this.#world;
    const names = this.#objects.names();
    world.pick([
      () => this.#objects.crash(world.pick(names)),
      () => this.#objects.crash(world.pick(names)),
      () => this.#objects.evict(world.pick(names)),
      () => this.#world.pick(this.#edges).restart(),
    ])();
  }
}
