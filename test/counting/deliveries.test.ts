import { expect, test } from "vitest";
import { Deliveries } from "../../worker/counting/deliveries.ts";
import type { Facts } from "../../worker/counting/notices.ts";
import type { Webhook } from "../../worker/counting/webhooks.ts";
import { webhookLimits } from "../../worker/limits.ts";
import { MemoryStore } from "../support/memory-store.ts";

const start = Date.parse("2026-03-02T00:03:00Z");
const url = "https://example.com/hook";

function webhook(some: Partial<Webhook> = {}): Webhook {
  return { url, secret: "", events: ["silence"], thresholds: [], ...some };
}

/** An app in which it is silent or not. */
function facts(isSilent = false): Facts {
  return { app: "shop", rows: [], silence: () => ({ from: start, to: start, isSilent, usual: 20 }) };
}

function queue() {
  let made = 0;
  const deliveries = new Deliveries(new MemoryStore());
  const note = (webhooks: Webhook[], now = start, known = facts()) =>
    deliveries.note(webhooks, known, now, () => `msg_${++made}`);
  return { deliveries, note };
}

test("what is refused is sent again, the same, after ever longer waits, and given up after the last", () => {
  const { deliveries, note } = queue();
  note([webhook()]);
  const [hello] = deliveries.due(start);
  expect(hello).toMatchObject({ id: "msg_1", url, event: "hello", failures: 0 });
  expect(JSON.parse(hello?.body ?? "")).toMatchObject({
    app: "shop",
    at: "2026-03-02T00:03:00.000Z",
    event: "hello",
  });
  let now = start;
  const waits: number[] = [];
  for (;;) {
    const [due] = deliveries.due(now);
    expect([due?.id, due?.body]).toEqual(["msg_1", hello?.body]);
    if (deliveries.settle("msg_1", "it is down", now) === "given-up") break;
    const nextAt = deliveries.nextAt() ?? 0;
    expect(deliveries.due(nextAt - 1)).toEqual([]);
    expect(deliveries.outcome(url)).toEqual({
      state: "waiting",
      event: "hello",
      at: now,
      reason: "it is down",
      nextAt,
    });
    waits.push(nextAt - now);
    now = nextAt;
  }
  expect(waits).toEqual(webhookLimits.retryAfterMs);
  expect(deliveries.nextAt()).toBeNull();
  expect(deliveries.outcome(url)).toMatchObject({ state: "given-up", at: now, nextAt: null });
});

test("what has arrived is not sent again, and what is noted twice is told once", () => {
  const { deliveries, note } = queue();
  note([webhook()]);
  note([webhook()]);
  expect(deliveries.due(start).length).toBe(1);
  expect(deliveries.settle("msg_1", null, start)).toBe("delivered");
  expect(deliveries.due(start)).toEqual([]);
  expect(deliveries.settle("msg_1", "late", start)).toBeNull();
  expect(deliveries.outcome(url)).toMatchObject({ state: "delivered", reason: null });
});

test("a webhook that is no longer set is sent nothing, and one that is set again begins anew", () => {
  const { deliveries, note } = queue();
  const other = webhook({ url: "https://other.example/" });
  note([webhook(), other]);
  note([other]);
  expect(deliveries.due(start).map((delivery) => delivery.url)).toEqual([other.url]);
  expect(deliveries.outcome(url)).toBeNull();
  note([webhook(), other]);
  expect(deliveries.due(start).map(({ event }) => event)).toEqual(["hello", "hello"]);
});

test("of what waits for a webhook the oldest goes when it is too much, and few are sent at once", () => {
  const { deliveries, note } = queue();
  const urls = Array.from({ length: 3 }, (_, index) => `https://${index}.example/`);
  const webhooks = urls.map((each) => webhook({ url: each }));
  for (let hour = 0; hour < 30; hour++) note(webhooks, start + hour, facts(hour % 2 === 0));
  expect(deliveries.due(start + 30).length).toBe(webhookLimits.atOnce);
  for (const { id } of deliveries.due(start + 30)) deliveries.settle(id, null, start + 30);
  const rest = deliveries.due(start + 30);
  expect(rest.length).toBe(webhookLimits.atOnce);
  // The last thing that each was told is among what is kept.
  expect(rest.at(-1)?.body).toContain('"state":"over"');
});

test("a clock that was ahead and is set back has nobody wait for it", () => {
  const { deliveries, note } = queue();
  const ahead = start + 365 * 86_400_000;
  note([webhook()], ahead);
  expect(deliveries.due(start).length).toBe(1);
  deliveries.settle("msg_1", "down", ahead);
  expect(deliveries.due(start).length).toBe(1);
});
