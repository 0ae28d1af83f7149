import type { ActivityPart } from "../counting/parts.ts";
import { beatsPerFlush } from "../limits.ts";
import type { ActivityBatch } from "./activity-batch.ts";
import { decodeBeat } from "./beat.ts";

/** Hands parts to one shard; resolves once they are durable. */
export type RecordIn = (shard: number, parts: ActivityPart[]) => Promise<void>;

/**
 * The way of a beat, whatever door it came through: validated, hashed, gathered, and handed to the shards.
 * Heartbeats, JSON and NDJSON all come this way.
 */
export class Ingest {
  readonly #batch: ActivityBatch;
  readonly #record: RecordIn;
  readonly #now: number;
  readonly #maxAgeMs: number;
  /** Beats that are durable. */
  accepted = 0;

  constructor(batch: ActivityBatch, record: RecordIn, now: number, maxAgeMs: number) {
    this.#batch = batch;
    this.#record = record;
    this.#now = now;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Takes up one beat. Returns in words why it is refused, or null. */
  add(input: unknown): string | null {
    const beat = decodeBeat(input, this.#now, this.#maxAgeMs);
    if (!beat.ok) return beat.error;
    if (!this.#batch.add(beat.value, this.#now)) this.accepted++;
    return null;
  }

  /** Whether so much has been gathered that it should be flushed before more is added. */
  get isFull(): boolean {
    return this.#batch.size >= beatsPerFlush;
  }

  /** Resolves once all that was added is durable. */
  async flush(): Promise<void> {
    const { size } = this.#batch;
    if (size === 0) return;
    await Promise.all(
      Array.from(this.#batch.take(), async ([shard, parts]) => {
        await this.#record(shard, parts);
        this.#batch.remember(shard, parts, this.#now);
      }),
    );
    this.accepted += size;
  }
}
