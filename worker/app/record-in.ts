import type { ActivityPart } from "../counting/sketch-parts.ts";
import type { TokenUse } from "../rpc.ts";
import type { TokenVerdict } from "../tokens/token-book.ts";
import { counterReportMs } from "../limits.ts";
import type { App } from "./app.ts";

/**
 * Hands activity to one shard, with what this isolate counted meanwhile and the token to be judged; resolves once it is
 * durable. Counters that could not be handed over wait for the next call.
 */
export async function recordIn(
  app: App,
  shard: number,
  parts: ActivityPart[],
  use: TokenUse | null,
  hint?: DurableObjectLocationHint,
): Promise<TokenVerdict | null> {
  // Taken once: the call may be made several times.
  const counters = app.counters.take();
  try {
    return await app.shard(shard, (stub) => stub.record(parts, counters, use), hint);
  } catch (error) {
    app.counters.add(counters);
    throw error;
  }
}

/** Tells what this isolate counted, now and then, where nothing was taken with which it could go along. Never rejects. */
export async function tellCounters(app: App, now: number): Promise<void> {
  if (app.counters.isEmpty || Math.abs(now - app.countersToldAt) < counterReportMs) return;
  app.countersToldAt = now;
  await recordIn(app, 0, [], null).catch(() => {});
}
