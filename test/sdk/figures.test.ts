import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dayOf, shiftDays } from "../../sdk/active-days.ts";
import { noteUnsent } from "../../sdk/offline-hours.ts";
import { slotMs } from "../../sdk/wire.ts";
import {
  accept,
  FakePage,
  FakeStorage,
  hour,
  minute,
  offline,
  openClient,
  pass,
  refuse,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

const day = 24 * hour;
const slotStart = (at: number): number => Math.floor(at / slotMs) * slotMs;
const answers = (more: object) => () => Response.json({ accepted: 1, rejected: [], interval: 300, ...more });

test("every request says what the client's clock says", async () => {
  const { server } = openClient();
  await pass(11 * minute);
  expect(server.requests.map(({ body, at }) => body.now === at)).toEqual([true, true, true]);
});

test("a first day in the future repairs itself", async () => {
  vi.setSystemTime(start + 365 * day);
  let client = openClient();
  await pass(0);
  vi.setSystemTime(start);
  client = client.reload();
  await pass(0);
  vi.setSystemTime(start + day);
  client = client.reload();
  await pass(0);
  const since = client.server.beats.map((beat) => beat.since);
  expect(since).toEqual([slotStart(start + 365 * day), slotStart(start), slotStart(start)]);
});

test("an installation of version 0.1 stays the one that it was, since when it was", async () => {
  const storage = new FakeStorage();
  const anonymous = { who: "1-2-3-4", days: ["2026-11-01", "2026-11-18"], unsent: [], seen: 5 };
  storage.setItem("hc_pub_old_mac", JSON.stringify({ anonymous }));
  const { server, headcount } = openClient({ key: "hc_pub_old_mac" }, { storage });
  await pass(0);
  expect(server.beats).toMatchObject([{ anonymous: "1-2-3-4", since: Date.parse("2026-11-01") }]);
  headcount.identify("u-42");
  await pass(0);
  expect(server.links[1]).toMatchObject({ anonymous: "1-2-3-4", first: Date.parse("2026-11-01") });
  headcount.shutdown();
});

test.each([0, 30, 45, -30, 15])(
  "offline, no side of a midnight at %i minutes past an hour is lost",
  (minutes) => {
    const midnight = Math.floor(start / hour) * 12 + minutes / 5 + 12;
    let unsent: number[] = [];
    for (const slot of [-3, -2, -1, 0, 1, 2]) unsent = noteUnsent(unsent, midnight + slot);
    expect(unsent.some((slot) => slot < midnight)).toBe(true);
    expect(unsent.some((slot) => slot >= midnight)).toBe(true);
  },
);

test("what an installation could not send is sent when somebody signs in with it, as that user", async () => {
  let client = openClient();
  client.server.answer = offline;
  await pass(0);
  vi.setSystemTime(start + 26 * hour);
  client.server.answer = accept();
  client.server.requests.length = 0;
  client = client.reload();
  client.headcount.identify("u-42");
  await pass(0);
  expect(client.server.beats).toMatchObject([{ user: "u-42", at: slotStart(start) }, { user: "u-42" }]);
  // Nobody was told of the installation itself.
  expect(client.server.links).toMatchObject([{ first: slotStart(start), days: 0 }]);
});

test("days on which an installation was seen travel as bits, counted back from the day of the link", async () => {
  let client = openClient();
  // 40 days ago is forgotten.
  for (const ago of [40, 31, 9, 8, 2]) {
    vi.setSystemTime(start - ago * day);
    client = client.reload();
    await pass(minute);
  }
  vi.setSystemTime(start);
  client = client.reload();
  client.headcount.identify("u-42");
  await pass(0);
  const { days = 0, now } = client.server.links.at(-1) ?? {};
  expect([...Array(32).keys()].filter((k) => (Number(days) >>> k) & 1)).toEqual([2, 8, 9, 31]);
  expect(now).toBe(start);
});

test("days are cut in the zone of the device", () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  const midnight = Date.parse("2026-11-20T18:30:00Z") / slotMs;
  expect(dayOf(midnight) - dayOf(midnight - 1)).toBe(1);
  expect(shiftDays(0b1, midnight - 1, midnight)).toBe(0b10);
  // A clock that was ahead has noted a day that has not come.
  expect(shiftDays(0b101, midnight + 288, midnight)).toBe(0b10);
  expect(shiftDays(0b101, midnight - 31 * 288, midnight)).toBe(2 ** 31);
  vi.unstubAllEnvs();
});

test("a user keeps the first day of the installation that was linked, unless the app knows better", async () => {
  let client = openClient();
  await pass(0);
  for (const about of [undefined, { since: "2026-01-01" }]) {
    vi.setSystemTime(Date.now() + day);
    client = client.reload();
    client.headcount.identify("u-42", about);
    await pass(0);
  }
  expect(client.server.beats.map(({ since }) => since)).toEqual([
    slotStart(start),
    slotStart(start),
    "2026-01-01",
  ]);
});

test("a link that the server defers goes again with the next beat, not before", async () => {
  const { headcount, server } = openClient();
  await pass(0);
  server.answer = answers({ linkDeferred: true });
  headcount.identify("u-42");
  await pass(minute);
  expect(server.requests).toHaveLength(2);
  server.answer = accept();
  await pass(10 * minute);
  expect(server.links.map(Boolean)).toEqual([false, true, true, false]);
});

test.each([400, 403, 429])(
  "a beat that is answered %i with a link beside it is sent without",
  async (status) => {
    const { headcount, server } = openClient();
    await pass(0);
    headcount.identify("u-42");
    server.answer = refuse(status);
    await pass(0);
    server.answer = accept();
    await pass(11 * minute);
    expect(server.links.map(Boolean).slice(0, 4)).toEqual([false, true, false, true]);
  },
);

test("what a dimension or a first day can't be is left out, and the user is counted", async () => {
  const dimensions = {
    tenant: "acme",
    none: null,
    seats: 42,
    long: "x".repeat(65),
    nested: {},
    absent: undefined,
  };
  const { headcount, server, problems } = openClient();
  headcount.identify("u-42", { dimensions: dimensions as never, since: "yesterday" });
  await pass(0);
  expect(server.beats).toEqual([{ user: "u-42", via: "foreground", dimensions: { tenant: "acme" } }]);
  expect(problems).toEqual([]);
});

test.each([
  ["2026-11-01", "2026-11-01"],
  ["2026-11-01T10:00:00Z", Date.parse("2026-11-01T10:00:00Z")],
  ["2026-11-01T10:00:00+05:30", Date.parse("2026-11-01T04:30:00Z")],
  [new Date("2026-11-01T10:00:00Z"), Date.parse("2026-11-01T10:00:00Z")],
  [1_790_000_000_000, 1_790_000_000_000],
  [null, undefined],
  ["", undefined],
  [new Date(Number.NaN), undefined],
  [{}, undefined],
  [Symbol("a day"), undefined],
  [10n, undefined],
  [Object.create(null), undefined],
])("since %o is sent as %o", async (since, sent) => {
  const { headcount, server } = openClient();
  headcount.identify("u-42", { since: since as string });
  await pass(0);
  expect(server.beats).toMatchObject([{ user: "u-42" }]);
  expect(server.beats[0]?.since).toBe(sent);
});

const throws = (): never => {
  throw new Error("the page's own");
};
const endless: unknown[] = [];
endless.push(endless);

test.each<[string, () => object]>([
  ["about that can't be read", () => new Proxy({}, { get: throws })],
  ["a first day that can't be read", () => Object.defineProperty({}, "since", { get: throws })],
  ["dimensions that can't be read", () => Object.defineProperty({}, "dimensions", { get: throws })],
  ["dimensions that can't be listed", () => ({ dimensions: new Proxy({}, { ownKeys: throws }) })],
  [
    "a dimension that can't be read",
    () => ({ dimensions: Object.defineProperty({}, "plan", { get: throws, enumerable: true }) }),
  ],
  ["a list that contains itself", () => ({ dimensions: { plan: endless } })],
  ["a list of what JSON doesn't know", () => ({ dimensions: { plan: [1n] } })],
  ["what throws in JSON", () => ({ dimensions: { plan: { length: 1, toJSON: throws } } })],
  ["a name without end", () => ({ dimensions: { ["x".repeat(70_000)]: "pro" } })],
  ["a Map", () => ({ dimensions: new Map([["plan", "pro"]]) })],
])("%s is left out, and the user is counted", async (_, about) => {
  const { headcount, server, problems } = openClient();
  headcount.identify("u-42", about());
  await pass(6 * minute);
  expect(server.users).toEqual(["u-42", "u-42"]);
  expect(server.requests.every(({ request }) => (request.body as string).length < 300)).toBe(true);
  expect(problems).toEqual([]);
  headcount.shutdown();
});

test("dimensions that the app does not declare travel once", async () => {
  const { headcount, server } = openClient();
  headcount.identify("u-42", { dimensions: { tenant: "acme", plan: "pro" } });
  server.answer = answers({ ignored: ["plan"] });
  await pass(6 * minute);
  expect(server.beats.map(({ dimensions }) => dimensions)).toEqual([
    { tenant: "acme", plan: "pro" },
    { tenant: "acme" },
  ]);
});

test("whoever signs out in one tab is signed out in all", async () => {
  const client = openClient({ key: "hc_pub_left_mac" });
  client.headcount.identify("u-42");
  await pass(0);
  vi.resetModules();
  const { init } = await import("../../sdk/index.ts");
  const { server, storage } = client;
  const options = { endpoint: "https://hc.test", key: "hc_pub_left_mac", fetch: server.fetch, storage };
  const other = init({ ...options, lifecycle: new FakePage() });
  other.identify("u-42");
  await pass(6 * minute);
  const before = server.requests.length;
  client.headcount.reset();
  await pass(11 * minute);
  const after = server.beats.slice(before);
  expect(after.length).toBeGreaterThan(0);
  expect(after.map(({ user }) => user)).toEqual(after.map(() => undefined));
  expect(new Set(after.map(({ anonymous }) => anonymous)).size).toBe(1);
  other.identify("u-43");
  await pass(6 * minute);
  expect(server.users.at(-1)).toBe("u-43");
  other.shutdown();
});

test("an app that clears localStorage signs nobody out, and makes no other installation while the page lives", async () => {
  const { headcount, server, storage } = openClient();
  await pass(0);
  headcount.reset();
  await pass(6 * minute);
  storage.items.clear();
  await pass(6 * minute);
  const [, ...later] = server.beats.map(({ anonymous }) => anonymous);
  expect(new Set(later).size).toBe(1);
  headcount.identify("u-42");
  storage.items.clear();
  await pass(11 * minute);
  expect(server.users.at(-1)).toBe("u-42");
});

test("whoever comes after another without a sign-out is not linked with that one's installation", async () => {
  let client = openClient();
  await pass(0);
  client.headcount.identify("u-1");
  await pass(0);
  client = client.reload();
  client.headcount.identify("u-2");
  await pass(0);
  expect(client.server.links.map(Boolean)).toEqual([false, true, false]);
  expect(client.server.beats.at(-1)).not.toHaveProperty("since");
});

test("an app that wants what looks like a bot to be counted says so to the server", async () => {
  const plain = openClient();
  const wanting = openClient({ includeBots: true });
  await pass(0);
  expect(plain.server.requests[0]?.body).not.toHaveProperty("includeBots");
  expect(wanting.server.requests[0]?.body.includeBots).toBe(true);
});
