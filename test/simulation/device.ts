import type { ClientNetwork } from "./client-network.ts";
import type { Ledger } from "./ledger.ts";
import { sabotage } from "./sabotage.ts";
import { type Headcount, init } from "./sdk.ts";
import type { Actor, World } from "./world.ts";

const minuteMs = 60_000;
const slotsPerHour = 12;

/** What the SDK keeps, as far as it is looked at here. */
type Stored = Partial<Record<"user" | "id" | "unsent", string>>;

/** One browser with the SDK in it: a page that is shown and hidden, closed and opened, on a network that fails. */
export class Device {
  readonly name: string;
  isVisible = false;
  isOnline = true;
  readonly #world: World;
  readonly #network: ClientNetwork;
  readonly #stored = new Map<string, string>();
  /** The slots that the SDK has noted for whoever is here now, by role. */
  readonly #noted = new Map<string, { who: string; slots: Set<number> }>();
  #user: string | null = null;
  #visibleSince = Infinity;
  /** Whether all that it noted had the time to be delivered. */
  #isWatched = false;
  #wakes = new Set<() => void>();
  #page: { actor: Actor; headcount: Headcount } | null = null;
  readonly #skewMs: number;

  constructor(name: string, world: World, network: ClientNetwork) {
    this.name = name;
    this.#world = world;
    this.#network = network;
    this.#skewMs = world.chance(0.3) ? world.between(-200_000, 200_000) : 0;
  }

  /** Opens the page, signed in as a user or as nobody. */
  open(user: string | null): void {
    this.close();
    this.#user = user;
    this.#visibleSince = this.#world.now;
    this.#act(() => {
      this.isVisible = true;
      const headcount = init({
        endpoint: "https://hc.test",
        key: `hc_pub_${this.name}`,
        fetch: (_, { body }) =>
          this.#network.send(
            () => this.isOnline,
            (edge) => edge.heartbeat(body),
          ),
        storage: this.#storage(),
        lifecycle: this.#lifecycle(),
      });
      this.#page = { actor: this.#world.actor, headcount };
      if (user !== null) headcount.identify(user, { dimensions: { platform: "web" } });
    });
  }

  /** Closes the page: what was under way may still arrive, and nobody hears the answer. */
  close(): void {
    if (this.#page === null) return;
    const { actor, headcount } = this.#page;
    headcount.shutdown();
    actor.isAlive = false;
    this.#page = null;
    this.#wakes = new Set();
  }

  identify(user: string): void {
    const { headcount } = this.#page ?? {};
    if (headcount !== undefined) this.#user = user;
    this.#act(() => headcount?.identify(user, { dimensions: { platform: "web" } }));
  }

  show(isVisible: boolean): void {
    if (isVisible && !this.isVisible) this.#visibleSince = this.#world.now;
    this.isVisible = isVisible;
    this.wake();
  }

  /** Nothing new is said from here on; what is under way still arrives. */
  rest(): void {
    this.#isWatched =
      this.#page !== null && this.isVisible && this.#world.now - this.#visibleSince > 11 * minuteMs;
    this.show(false);
  }

  wake(): void {
    this.#act(() => {
      for (const wake of this.#wakes) wake();
    });
  }

  /**
   * Hours that were noted for whoever is here and that nobody was told of, though this device had time to before it
   * came to rest. What a clock that is wrong has noted is not looked at.
   */
  undelivered(ledger: Ledger): string[] {
    if (!this.#isWatched || this.#skewMs !== 0) return [];
    const noted = this.#noted.get(this.#user === null ? "anonymous" : "user");
    const person = this.#user === null ? `anonymous ${noted?.who}` : `user ${this.#user}`;
    const hours = new Set(Array.from(noted?.slots ?? [], (slot) => Math.floor(slot / slotsPerHour)));
    return [...hours]
      .filter((hour) => !ledger.hasHour(person, hour))
      .map((hour) => `${this.name} never delivered the hour ${hour} of ${person}`);
  }

  /** Does something in the page, which is a new one when none is open. */
  #act(work: () => void): void {
    const actor = this.#page?.actor ?? { name: this.name, skewMs: this.#skewMs, isAlive: true };
    this.#world.after(0, work, actor);
  }

  #lifecycle() {
    return {
      isVisible: () => this.isVisible,
      subscribe: (wake: () => void) => {
        this.#wakes.add(wake);
        return () => void this.#wakes.delete(wake);
      },
    };
  }

  #storage() {
    return {
      getItem: (name: string) => this.#stored.get(name) ?? null,
      setItem: (name: string, value: string) => {
        const kept = sabotage.store?.(value) ?? value;
        this.#stored.set(name, kept);
        this.#note(JSON.parse(value) as Stored);
      },
    };
  }

  #note(stored: Stored): void {
    const role = this.#user === null ? "anonymous" : "user";
    const who = this.#user === null ? stored.id : stored.user;
    if (who === undefined || !stored.unsent) return;
    const unsent = stored.unsent.split(",").map(Number);
    const noted = this.#noted.get(role);
    if (noted?.who === who) for (const slot of unsent) noted.slots.add(slot);
    else this.#noted.set(role, { who, slots: new Set(unsent) });
  }
}
