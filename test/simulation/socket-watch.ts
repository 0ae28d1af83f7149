import type { Ledger } from "./ledger.ts";
import type { SocketWatcher } from "./sockets.ts";
import type { World } from "./world.ts";

const [minuteMs, slotMs] = [60_000, 300_000];

/** Whoever pings this early in a slot is seen by every reading that counts the slot as watched. */
const earlyMs = 48_000;

/** By then every ping was read, and what came of it is durable, unless alarms are lost. */
const readAfterMs = 12 * minuteMs;

/**
 * What an onlooker knows of one socket, and what the ledger holds of it: whoever pings in a slot may count in it. They must
 * where a ping was early in its slot, or the last before a goodbye, and their gate lived long enough to read it.
 */
export class SocketWatch implements SocketWatcher {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #who: { user: string } | { anonymous: string };
  #judgedBeat: ReturnType<Ledger["offer"]> = [];
  #countedAt: number | null = null;
  readonly #pings: number[] = [];
  /** When the gate was told that the socket is closed. */
  #goodbyeAt: number | null = null;
  /** When the gate lost what it knew of the socket, and had not counted. */
  #lostAt: number | null = null;

  constructor(world: World, ledger: Ledger, who: { user: string } | { anonymous: string }) {
    this.#world = world;
    this.#ledger = ledger;
    this.#who = who;
  }

  judged(at: number): void {
    this.#judgedBeat = this.#offer(at, this.#world.now);
  }

  counted(at: number): void {
    this.#countedAt = at;
    this.#ledger.acknowledge(this.#judgedBeat, this.#world.now);
  }

  pinged(at: number): void {
    this.#pings.push(at);
  }

  /** @param isHeard whether the gate heard it; else its last ping is lost with the socket */
  saidGoodbye(isHeard: boolean): void {
    this.#goodbyeAt ??= this.#world.now;
    if (!isHeard) this.#lostAt ??= this.#world.now;
  }

  /** Its gate lets go of its memory: in a crash of all that it had not read, else of what it was behind with. */
  gateEnded(isCrash: boolean, isBehind: boolean): void {
    const isUnderWay = this.#goodbyeAt !== null && this.#world.now < this.#goodbyeAt + readAfterMs;
    if (this.#goodbyeAt === null ? isCrash : isUnderWay && isBehind) this.#lostAt ??= this.#world.now;
  }

  /**
   * Enters the pings into the ledger.
   *
   * @param isExact whether all readings came in time; else slots that nobody watched are filled
   * @param hasLostAlarms whether a gate may sleep on for any time
   */
  settle(isExact: boolean, hasLostAlarms: boolean): void {
    const countedAt = this.#countedAt;
    if (countedAt === null) return;
    const pings = this.#pings.filter((at) => at >= countedAt);
    const last = pings.at(-1);
    if (last === undefined) return;
    const isHeard = this.#goodbyeAt !== null && this.#lostAt === null;
    // Without a goodbye only a reading finds a ping, and some were never asked for.
    const readUntil = isHeard
      ? Infinity
      : hasLostAlarms
        ? 0
        : (this.#lostAt ?? this.#world.now) - readAfterMs;
    for (const at of pings) {
      const beats = this.#offer(at, at);
      const isEarly = at % slotMs < earlyMs;
      const isSeen = at < readUntil && (isEarly || (at === last && isHeard));
      if (isSeen) this.#ledger.acknowledge(beats, this.#world.now);
    }
    if (isExact) return;
    for (let at = slotStart(last) - slotMs; at > countedAt; at -= slotMs) this.#offer(at, at);
  }

  #offer(at: number, offeredAt: number) {
    return this.#ledger.offer(
      [{ ...this.#who, at, dimensions: { platform: "web" } }],
      at,
      offeredAt,
      minuteMs,
    );
  }
}

function slotStart(at: number): number {
  return Math.floor(at / slotMs) * slotMs;
}
