import { webhookLimits } from "../limits.ts";
import type { MetaStore } from "./meta-store.ts";
import { type Facts, noticesOf, type Told } from "./notices.ts";
import type { Webhook } from "./webhooks.ts";

/** A message that is to reach a webhook. Sent again it has the same id and body. */
export interface Delivery {
  id: string;
  url: string;
  event: string;
  body: string;
  /** Attempts that failed. */
  failures: number;
  /** Unix milliseconds. */
  dueAt: number;
}

/** What became of the last attempt. */
export interface Outcome {
  state: "delivered" | "waiting" | "given-up";
  event: string;
  /** Unix milliseconds. */
  at: number;
  /** Why it failed. */
  reason: string | null;
  /** When the next attempt is due, Unix milliseconds. */
  nextAt: number | null;
}

interface Kept {
  queue: Delivery[];
  /** By URL. */
  webhooks: Record<string, { told: Told; outcome: Outcome | null }>;
}

const { retryAfterMs, maxWaiting, atOnce } = webhookLimits;
const longestWaitMs = Math.max(...retryAfterMs);

/** What is to be sent to the webhooks of one app, and what became of it. */
export class Deliveries {
  readonly #store: MetaStore;

  constructor(store: MetaStore) {
    this.#store = store;
  }

  /**
   * Takes up what the webhooks are to be told now. What waits for a webhook that is no longer set is dropped.
   *
   * @param newId makes the id of a message
   */
  note(webhooks: readonly Webhook[], facts: Facts, now: number, newId: () => string): void {
    const before = this.#kept();
    const after: Kept = { queue: [], webhooks: {} };
    for (const webhook of webhooks) {
      const { url } = webhook;
      const held = before.webhooks[url];
      const { notices, told } = noticesOf(webhook, held?.told ?? null, facts);
      after.webhooks[url] = { told, outcome: held?.outcome ?? null };
      const news = notices.map((notice) => {
        const message = { app: facts.app, at: new Date(now).toISOString(), ...notice };
        const { event } = notice;
        return { id: newId(), url, event, body: JSON.stringify(message), failures: 0, dueAt: now };
      });
      const waiting = before.queue.filter((delivery) => delivery.url === url);
      after.queue.push(...[...waiting, ...news].slice(-maxWaiting));
    }
    if (JSON.stringify(after) !== JSON.stringify(before)) this.#store.putMeta("webhooks", after);
  }

  /** What is to be sent now, the oldest first, as many as are sent at once. */
  due(now: number): Delivery[] {
    // A clock that was ahead has nobody wait for longer than any wait is.
    const isDue = ({ dueAt }: Delivery) => dueAt <= now || dueAt > now + longestWaitMs;
    return this.#kept().queue.filter(isDue).slice(0, atOnce);
  }

  /** Notes how an attempt went, with why it failed, or null. Returns what that means. */
  settle(id: string, failure: string | null, now: number): Outcome["state"] | null {
    const kept = this.#kept();
    const delivery = kept.queue.find((each) => each.id === id);
    const held = delivery && kept.webhooks[delivery.url];
    if (delivery === undefined || held === undefined) return null;
    const waitMs = failure === null ? undefined : retryAfterMs[delivery.failures];
    const nextAt = waitMs === undefined ? null : now + waitMs;
    const state = failure === null ? "delivered" : nextAt === null ? "given-up" : "waiting";
    held.outcome = { state, event: delivery.event, at: now, reason: failure, nextAt };
    kept.queue =
      nextAt === null
        ? kept.queue.filter((each) => each !== delivery)
        : kept.queue.map((each) =>
            each === delivery ? { ...each, failures: each.failures + 1, dueAt: nextAt } : each,
          );
    this.#store.putMeta("webhooks", kept);
    return state;
  }

  /** When something is to be sent next, Unix milliseconds, or null. */
  nextAt(): number | null {
    const dueAts = this.#kept().queue.map(({ dueAt }) => dueAt);
    return dueAts.length === 0 ? null : Math.min(...dueAts);
  }

  /** What became of the last attempt at a webhook, or null where there was none. */
  outcome(url: string): Outcome | null {
    return this.#kept().webhooks[url]?.outcome ?? null;
  }

  #kept(): Kept {
    return (this.#store.getMeta("webhooks") as Kept | null) ?? { queue: [], webhooks: {} };
  }
}
