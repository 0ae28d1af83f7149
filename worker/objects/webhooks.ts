import { KeyRing } from "../app/keys.ts";
import { parseObjectName } from "../app/object-names.ts";
import type { Outside } from "../app/outside.ts";
import { receiversOf, receiverUrl } from "../app/webhook-receivers.ts";
import { openWebhookKey } from "../app/webhook-secrets.ts";
import { signatureHeaders } from "../app/webhook-signature.ts";
import { Deliveries, type Delivery, type Outcome } from "../counting/deliveries.ts";
import { factsOf } from "../counting/facts.ts";
import type { MetaStore } from "../counting/meta-store.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import type { Webhook } from "../counting/webhooks.ts";
import type { Env } from "../env.ts";
import { Refusal } from "../http/problem.ts";
import { webhookLimits } from "../limits.ts";
import { logError } from "../log.ts";

/** Sends what the webhooks of one app are to be told: gives `Deliveries` a clock and a network. */
export class Webhooks {
  readonly #env: Env;
  readonly #rollup: string;
  readonly #app: string;
  readonly #state: RollupState;
  readonly #deliveries: Deliveries;

  constructor(env: Env, rollup: string, state: RollupState, store: MetaStore) {
    this.#env = env;
    this.#rollup = rollup;
    this.#app = parseObjectName(rollup).app;
    this.#state = state;
    this.#deliveries = new Deliveries(store);
  }

  /** Takes up what is to be told as of `now`, Unix milliseconds. */
  note(now: number): void {
    const facts = factsOf(this.#state, this.#app, now);
    this.#deliveries.note(this.#webhooks(), facts, now, () => `msg_${crypto.randomUUID()}`);
  }

  /** Sends what is due, all at the same time. Returns when the next is, Unix milliseconds, or null. Never rejects. */
  async send(now: number): Promise<number | null> {
    const receivers = receiversOf(this.#env);
    await Promise.all(
      this.#deliveries.due(now).map(async (delivery) => {
        const webhook = this.#webhooks().find(({ url }) => url === delivery.url);
        const failure = webhook === undefined ? "not set" : await this.#attempt(webhook, delivery, receivers);
        const state = this.#deliveries.settle(delivery.id, failure, Date.now());
        if (state === "given-up") {
          logError("webhook-given-up", undefined, { object: this.#rollup, message: delivery.event });
        }
      }),
    );
    return this.#deliveries.nextAt();
  }

  /** What became of the last message to each webhook, by its origin: the path may be a secret. */
  outcomes(): { origin: string; outcome: Outcome | null }[] {
    return this.#webhooks().map(({ url }) => ({
      origin: new URL(url).origin,
      outcome: this.#deliveries.outcome(url),
    }));
  }

  #webhooks(): Webhook[] {
    return this.#state.settings.config().settings.webhooks;
  }

  /** Why a message could not be delivered: in words, or null. */
  async #attempt(webhook: Webhook, delivery: Delivery, { allowed, fetch }: Outside): Promise<string | null> {
    // Looked at when it is set as well; an import isn't, and what may be reached can change.
    const url = receiverUrl(webhook.url, allowed);
    if (!url.ok) return url.error;
    try {
      const ring = await KeyRing.from(this.#env.HEADCOUNT_SECRET);
      const key = await openWebhookKey({ ring, name: { app: this.#app } }, webhook);
      const response = await fetch(url.value.href, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Headcount",
          ...(await signatureHeaders(key, delivery, Date.now())),
        },
        body: delivery.body,
        // It might lead where the service may not go.
        redirect: "manual",
        signal: AbortSignal.timeout(webhookLimits.timeoutMs),
      });
      await response.body?.cancel();
      return response.ok ? null : `the receiver answered ${response.status}: expected 200 to 299`;
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      return error instanceof Error && ["TimeoutError", "AbortError"].includes(error.name)
        ? `the receiver didn't answer within ${webhookLimits.timeoutMs / 1000} s`
        : "the receiver can't be reached";
    }
  }
}
