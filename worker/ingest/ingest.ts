import type { Calendar } from "../counting/calendar.ts";
import type { ActivityPart } from "../counting/parts.ts";
import type { Tally } from "../counting/tally.ts";
import { beatsPerFlush, lateMs, partsPerFlush } from "../limits.ts";
import type { ActivityBatch } from "./activity-batch.ts";
import { beatSeries } from "./beat-series.ts";
import { decodeBeat, type RefusedFor } from "./beat.ts";
import type { EdgeFacts } from "./edge-facts.ts";

/** Hands parts to one shard; resolves once they are durable. */
export type RecordIn = (shard: number, parts: ActivityPart[]) => Promise<void>;

/** What a beat is judged by. */
export interface BeatRules {
  /** Unix milliseconds. */
  now: number;
  /** How far in the past a beat may lie. */
  maxAgeMs: number;
  /** The dimensions that the app declares. */
  dimensions: readonly string[];
  /** What is known of the sender. */
  facts: EdgeFacts;
  calendar: Calendar;
  tally: Tally;
  isBot: boolean;
}

/**
 * The way of a beat, whatever door it came through: validated, hashed, gathered, and handed to the shards.
 * Heartbeats, JSON and NDJSON all come this way.
 */
export class Ingest {
  readonly #batch: ActivityBatch;
  readonly #record: RecordIn;
  readonly #rules: BeatRules;
  /** Beats that are durable. */
  accepted = 0;

  constructor(batch: ActivityBatch, record: RecordIn, rules: BeatRules) {
    this.#batch = batch;
    this.#record = record;
    this.#rules = rules;
  }

  /** Takes up one beat. Returns in words why it is refused, or null. */
  add(input: unknown): string | null {
    const { now, maxAgeMs, dimensions, facts, calendar, tally, isBot } = this.#rules;
    if (isBot) return this.#refuse("a bot, by its user agent: expected a person", "bot");
    const beat = decodeBeat(input, now, maxAgeMs);
    if (!beat.ok) return this.#refuse(beat.error, beat.kind);
    const series = beatSeries(beat.value, dimensions, facts, calendar);
    if (!series.ok) return this.#refuse(series.error);
    if (!this.#batch.add(beat.value, series.value, now)) {
      tally.note("beats_absorbed_at_edge");
      this.accepted++;
    } else if (now - beat.value.at > lateMs) {
      tally.note("beats_late");
    }
    return null;
  }

  #refuse(error: string, kind: RefusedFor | "malformed" = "malformed"): string {
    this.#rules.tally.note(`beats_rejected_${kind}`);
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
    const { parts, acknowledge } = this.#batch.take();
    this.#rules.tally.note("beats_accepted", size);
    await Promise.all(Array.from(parts, ([shard, part]) => this.#record(shard, part)));
    acknowledge();
    this.accepted += size;
  }
}
