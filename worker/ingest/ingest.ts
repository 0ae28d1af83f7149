import type { Calendar } from "../counting/calendar.ts";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import type { Counters } from "../counting/counters.ts";
import { beatsPerFlush, lateMs, partsPerFlush } from "../limits.ts";
import type { ActivityBatch } from "./activity-batch.ts";
import { type BeatSeries, beatSeries, type SeriesRules } from "./beat-series.ts";
import { type BeatReading, decodeBeat, type RefusedFor, type ValidBeat } from "../schemas/beat-schema.ts";
import type { EdgeFacts } from "./edge-facts.ts";
import { firstDay } from "./first-seen.ts";
import { IgnoredNames } from "./ignored-names.ts";
import type { UserHash } from "../counting/user-hash.ts";
import type { UserHasher } from "./user-hasher.ts";
import { ok, type Result } from "../result.ts";

/** Hands parts to one shard; resolves once they are durable. */
export type RecordIn = (shard: number, parts: ActivityPart[]) => Promise<void>;

/** What a beat is judged by. */
export interface BeatRules extends BeatReading {
  /** What is known of the sender. */
  facts: EdgeFacts;
  calendar: Calendar;
  counters: Counters;
  isBot: boolean;
  /** Whether somebody vouches for who was active: a signed identity, or the app's own server. */
  isProven: boolean;
  /** The only values that are kept of some dimensions. */
  allowedValues: Readonly<Record<string, readonly string[]>>;
  hasher: UserHasher;
  /** Whom the sender's token stands for; every beat is that user's. */
  owner?: Owner | null;
}

/** A beat that was taken up, by what of it is not forgotten. */
export interface TakenBeat {
  user: UserHash;
  /** The day of the app's zone on which the user first appeared. */
  since: string | undefined;
  series: BeatSeries;
}

/** Whom a token stands for. */
export interface Owner {
  user: UserHash;
  space: "user" | "anonymous";
  isVerified: boolean;
  /** The day of the app's zone on which the user first appeared. */
  since: string | undefined;
}

/**
 * The way of a beat, whatever door it came through: validated, hashed, gathered, and handed to the shards.
 * Heartbeats, JSON and NDJSON all come this way.
 */
export class Ingest {
  readonly #batch: ActivityBatch;
  readonly #record: RecordIn;
  readonly #rules: BeatRules;
  readonly #seriesRules: SeriesRules;
  /** Beats that are durable. */
  accepted = 0;
  /** The last beat that was taken up. */
  last: TakenBeat | null = null;
  /** What was left out of beats. */
  readonly ignored = new IgnoredNames();
  #isTrimmed = false;
  readonly #ignore = (name: string) => {
    this.#isTrimmed = true;
    this.ignored.note(name);
  };

  constructor(batch: ActivityBatch, record: RecordIn, rules: BeatRules) {
    this.#batch = batch;
    this.#record = record;
    this.#rules = rules;
    this.#seriesRules = { isLenient: false, ...rules, ignore: this.#ignore };
  }

  /** Takes up one beat. Returns in words why it is refused, or null. */
  add(input: unknown): string | null {
    const { isBot } = this.#rules;
    if (isBot)
      return this.#refuse("the user agent looks like a bot's: send includeBots if it is a person's", "bot");
    this.#isTrimmed = false;
    const decoded = decodeBeat(input, this.#rules, this.#ignore);
    if (!decoded.ok) return this.#refuse(decoded.error, decoded.why);
    const beat = decoded.value;
    const user = this.#userOf(beat);
    if (!user.ok) return this.#refuse(user.error);
    const since = this.#firstDayOf(beat);
    if (!since.ok) return this.#refuse(since.error);
    const { at } = beat;
    const series = beatSeries({ at, since: since.value, dimensions: beat.dimensions }, this.#seriesRules);
    if (!series.ok) return this.#refuse(series.error);
    this.addTaken(user.value, at, series.value);
    if (this.#isTrimmed) this.#rules.counters.note("beats_trimmed");
    this.last = { user: user.value, since: since.value, series: series.value };
    return null;
  }

  /** Takes up one more beat of somebody who was judged before. */
  addTaken(user: UserHash, at: number, series: BeatSeries): void {
    const { now, counters, isProven } = this.#rules;
    this.#batch.add(user, at, series, now, isProven);
    if (now - at > lateMs) counters.note("beats_late");
  }

  #userOf({ who }: ValidBeat): Result<UserHash> {
    const { hasher, owner } = this.#rules;
    if (who === null) {
      if (owner) return { ok: true, value: owner.user };
      return { ok: false, error: "expected either user or anonymous" };
    }
    const user = hasher.hash(who.space, who.id);
    if (owner && !isSameUser(owner, { user, space: who.space })) {
      return { ok: false, error: "expected the user of the token, or none" };
    }
    return { ok: true, value: user };
  }

  /** What a signed identity says goes before what the client says. */
  #firstDayOf({ since }: ValidBeat): Result<string | undefined> {
    const { now, calendar, owner, isLenient } = this.#rules;
    if (since === undefined || (owner?.isVerified && owner.since !== undefined)) return ok(owner?.since);
    const day = firstDay(since, calendar, now);
    if (day.ok || !isLenient) return day;
    this.#ignore("since");
    return ok(owner?.since);
  }

  #refuse(error: string, kind: RefusedFor | "malformed" = "malformed"): string {
    this.#rules.counters.note(`beats_rejected_${kind}`);
    return error;
  }

  /** Whether so much has been gathered that it should be flushed before more is added. */
  get isFull(): boolean {
    return this.#batch.size >= beatsPerFlush || this.#batch.partCount >= partsPerFlush;
  }

  /** Resolves once all that was added is durable. */
  async flush(): Promise<void> {
    const { size } = this.#batch;
    if (size === 0) return;
    const parts = this.#batch.take();
    this.#rules.counters.note("beats_accepted", size);
    await Promise.all(Array.from(parts, ([shard, part]) => this.#record(shard, part)));
    this.accepted += size;
  }
}

function isSameUser(a: Pick<Owner, "user" | "space">, b: Pick<Owner, "user" | "space">): boolean {
  return a.space === b.space && a.user.entry === b.user.entry && a.user.shardHash === b.user.shardHash;
}
