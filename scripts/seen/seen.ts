import type { Result } from "../../worker/result.ts";

/** When a person was last seen, as a source tells it, or in words why it can't be read. `line` is counted from 1. */
type Seen = { line: number } & Result<{ user: string; at: number } | null>;

/** A source of records; a record that is null is of somebody else and left out. */
export type SeenSource = AsyncIterable<Seen>;
