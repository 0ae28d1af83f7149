import { expect, test } from "vitest";
import { AppClient, problem } from "./client.ts";

// Nobody is there.
const url = "https://hooks.example/services/T0/B0/secret-part";

function put(app: AppClient, webhooks: unknown): Promise<Response> {
  return app.fetch("/v1/settings", { method: "PUT", body: JSON.stringify({ webhooks }) });
}

async function shown(response: Response | Promise<Response>): Promise<Record<string, unknown>[]> {
  const answered = await response;
  expect(answered.status).toBe(200);
  return (await answered.json<{ webhooks: Record<string, unknown>[] }>()).webhooks;
}

test("a secret that is left out is made and shown once; from then on no answer and no export has it", async () => {
  const app = new AppClient("webhook-made");
  const [made] = await shown(put(app, [{ url, events: ["daily", "drop"] }]));
  expect(made).toEqual({
    url,
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    events: ["daily", "drop"],
    thresholds: [],
  });
  expect(await shown(app.fetch("/v1/settings"))).toEqual([{ ...made, secret: "(hidden)" }]);
  const answers = [await app.fetch("/v1/settings"), await app.fetch("/v1/export"), await put(app, [])];
  for (const answer of answers) expect(await answer.text()).not.toContain(String(made?.["secret"]));
});

test("a secret that is given is never shown, and stays with its URL alone", async () => {
  const app = new AppClient("webhook-given");
  const secret = `whsec_${btoa("s".repeat(32))}`;
  const thresholds = [{ metric: "dau", below: 100 }];
  const [set] = await shown(put(app, [{ url, secret, thresholds }]));
  expect(set).toEqual({ url, secret: "(hidden)", events: [], thresholds });
  const kept = await shown(put(app, [{ url, secret: "(hidden)", events: ["weekly"] }]));
  expect(kept).toEqual([{ url, secret: "(hidden)", events: ["weekly"], thresholds: [] }]);
  // Whoever may set webhooks could otherwise have another receiver's messages signed with it.
  const moved = await problem(put(app, [{ url: `${url}2`, secret: "(hidden)", events: ["weekly"] }]));
  expect(moved).toMatchObject({ type: "invalid-settings", status: 422 });
  expect(moved.detail).toContain("no secret is stored");
  expect(await shown(app.fetch("/v1/settings"))).toEqual(kept);
  // Other settings are changed without saying anything of webhooks.
  expect(await app.set({ timeZone: "Europe/Berlin" })).toMatchObject({ webhooks: kept });
});

test("what can't be a webhook is refused with what would be right, and is not quoted", async () => {
  const app = new AppClient("webhook-refused");
  const good = { url, events: ["daily"] };
  for (const [webhooks, words] of [
    [{}, "expected a list of at most 5 webhooks"],
    [Array.from({ length: 6 }, (_, index) => ({ ...good, url: url + index })), "at most 5"],
    [[good, good], "each with another URL"],
    [[{ ...good, url: "nonsense" }], "expected a URL by https"],
    [[{ ...good, url: "ftp://example.com/" }], "expected a URL by https"],
    [[{ ...good, url: "https://me:word@example.com/" }], "without a password"],
    [[{ ...good, url: "http://example.com/" }], "HEADCOUNT_WEBHOOK_ALLOW"],
    [[{ ...good, url: "https://169.254.169.254/latest" }], "HEADCOUNT_WEBHOOK_ALLOW"],
    [[{ ...good, url: "https://[::1]/" }], "HEADCOUNT_WEBHOOK_ALLOW"],
    [[{ ...good, url: "https://intranet/" }], "HEADCOUNT_WEBHOOK_ALLOW"],
    [[{ url }], "expected something to tell of"],
    [[{ url, events: ["hourly"] }], "daily, weekly, spike, drop, silence"],
    [[{ url, events: ["daily", "daily"] }], "expected a list of some of"],
    [[{ ...good, secret: "short" }], "whsec_"],
    [[{ ...good, secret: `whsec_${btoa("short")}` }], "24 to 64 bytes"],
    [[{ ...good, thresholds: [{ metric: "dau" }] }], "either above or below"],
    [[{ ...good, thresholds: [{ metric: "dau", above: 1, below: 1 }] }], "either above or below"],
    [[{ ...good, thresholds: [{ metric: "hau", above: 1 }] }], "dau, wau, mau"],
    [[{ ...good, colour: "red" }], "expected a list of at most 5 webhooks"],
  ] as const) {
    const refused = await problem(put(app, webhooks));
    expect([webhooks, refused.status, refused.type]).toEqual([webhooks, 422, "invalid-settings"]);
    expect(refused.detail).toContain(words);
    expect(refused.detail).not.toContain("secret-part");
  }
  expect(await shown(app.fetch("/v1/settings"))).toEqual([]);
});

test("an import brings webhooks along, with secrets that work where the service's secret is the same", async () => {
  const app = new AppClient("webhook-moved");
  await shown(put(app, [{ url, events: ["daily"] }]));
  const exported = await (await app.fetch("/v1/export")).text();
  await shown(put(app, []));
  const types = { "content-type": "application/x-ndjson" };
  const imported = await app.fetch("/v1/import?settings=1", {
    method: "POST",
    body: exported,
    headers: types,
  });
  expect(imported.status).toBe(200);
  expect(await shown(app.fetch("/v1/settings"))).toEqual([
    { url, secret: "(hidden)", events: ["daily"], thresholds: [] },
  ]);
});

test("the status tells of each webhook by its origin, to whoever may read figures", async () => {
  const app = new AppClient("webhook-status");
  await shown(put(app, [{ url, events: ["daily"] }]));
  const answered = await app.fetch("/v1/status?part=rollup", {}, "read");
  const text = await answered.text();
  expect(text).not.toContain("secret-part");
  const { parts } = JSON.parse(text) as { parts: { webhooks: unknown[] }[] };
  expect(parts[0]?.webhooks).toEqual([
    expect.objectContaining({
      origin: "https://hooks.example",
      // The alarm may have come already.
      state: expect.stringMatching(/^(unused|waiting)$/),
    }),
  ]);
});
