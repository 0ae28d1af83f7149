import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newAnonymousId, shortHash } from "../../sdk/identity.ts";
import { slotMs } from "../../sdk/wire.ts";
import {
  FakePage,
  minute,
  openClient,
  pass,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

const slotOf = (at: number): number => Math.floor(at / slotMs);

test("an anonymous id is long, random and free of anything the browser is known by", () => {
  const ids = new Set(Array.from({ length: 1000 }, newAnonymousId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^\d+-\d+-\d+-\d+$/);
});

test("it needs no secure context", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(newAnonymousId()).not.toBe(newAnonymousId());
});

test("short hashes tell a million users apart, and those whose ids are made of the same characters", () => {
  const hashes = new Set<string>();
  const ids = new Set<string>();
  for (let i = 0; i < 1_000_000; i++) ids.add(`user-${i}`);
  const letters = ["a", "b", "c", "d", "e", "f", "g", "h", "é", "本"];
  for (let i = 0; i < 100_000; i++)
    ids.add(Array.from(String(i), (digit) => letters[Number(digit)]).join(""));
  for (const id of ids) hashes.add(shortHash(id));
  expect(hashes.size).toBe(ids.size);
});

test("identify() right after init() sends no anonymous beat", async () => {
  const { headcount, server } = openClient();
  headcount.identify("u-42", { since: "2026-11-01", dimensions: { tenant: "acme" } });
  await pass(0);
  expect(server.beats).toEqual([
    { user: "u-42", since: "2026-11-01", dimensions: { tenant: "acme" }, via: "foreground" },
  ]);
});

test("identify() later beats at once for the user", async () => {
  const { headcount, server } = openClient();
  await pass(minute);
  headcount.identify("u-42");
  await pass(0);
  expect(server.users).toEqual([undefined, "u-42"]);
  expect(server.beats[1]).not.toHaveProperty("anonymous");
});

test("who signs in is linked once with the installation that was counted before", async () => {
  const { headcount, server } = openClient();
  await pass(minute);
  const anonymous = server.beats[0]?.anonymous;
  expect(server.links).toEqual([undefined]);
  headcount.identify("u-42");
  await pass(0);
  const link = { anonymous, first: slotOf(start) * slotMs, days: 1, now: start + minute };
  expect(server.links).toEqual([undefined, link]);
  await pass(3 * slotMs);
  expect(server.links.slice(2).length).toBeGreaterThan(1);
  expect(server.links.slice(2)).toEqual(server.links.slice(2).map(() => undefined));
});

test("who signs in before any beat, and who comes after another, is linked with nobody", async () => {
  const { headcount, server } = openClient();
  headcount.identify("u-42");
  await pass(minute);
  headcount.reset();
  headcount.identify("u-43");
  await pass(minute);
  expect(server.links).toEqual([undefined, undefined]);
});

test("a link that did not arrive is sent again", async () => {
  const { headcount, server } = openClient();
  await pass(minute);
  const anonymous = server.beats[0]?.anonymous;
  server.answer = () => new Response(null, { status: 503 });
  headcount.identify("u-42");
  await pass(0);
  server.answer = () => Response.json({ accepted: 1, rejected: [], interval: 300 });
  await pass(slotMs);
  expect(server.links.at(1)).toMatchObject({ anonymous, days: 1 });
  expect(server.links.at(2)).toMatchObject({ anonymous, days: 1 });
});

test("identify() while a beat is under way beats once that is answered", async () => {
  const { headcount, server } = openClient();
  const answers: ((response: Response) => void)[] = [];
  server.answer = () => new Promise((resolve) => answers.push(resolve));
  await pass(0);
  headcount.identify("u-42");
  await pass(0);
  expect(server.requests).toHaveLength(1);
  answers[0]?.(Response.json({ accepted: 1, rejected: [], interval: 300 }));
  await pass(0);
  expect(server.users).toEqual([undefined, "u-42"]);
});

test("identify() on a hidden page waits until it is shown", async () => {
  const page = new FakePage();
  page.visible = false;
  const { headcount, server } = openClient({}, { page });
  headcount.identify("u-42");
  await pass(10 * minute);
  expect(server.requests).toHaveLength(0);
  page.show();
  await pass(0);
  expect(server.users).toEqual(["u-42"]);
});

test("a page that signs its user in late sends nothing new when it is reloaded within the slot", async () => {
  let client = openClient();
  for (let i = 0; i < 3; i++) {
    await pass(1000);
    client.headcount.identify("u-42");
    await pass(1000);
    client = client.reload();
  }
  expect(client.server.requests).toHaveLength(2);
});

test("the raw id of a user never reaches storage", async () => {
  const { headcount, server, storage } = openClient();
  server.answer = () => Promise.reject(new TypeError("offline"));
  headcount.identify("jane.doe@example.com");
  await pass(60 * minute);
  expect(storage.text).not.toBe("");
  expect(storage.text).not.toContain("jane.doe");
});

test("an anonymous installation says since when it is there", async () => {
  let client = openClient();
  await pass(0);
  vi.setSystemTime(Date.parse("2026-11-25T08:00:00Z"));
  client = client.reload();
  await pass(0);
  const since = slotOf(start) * slotMs;
  expect(client.server.beats).toMatchObject([{ since }, { since }]);
});

test("reset() forgets the user, and makes a new anonymous id for the next slot", async () => {
  const { headcount, server, storage } = openClient();
  await pass(0);
  headcount.identify("u-42");
  await pass(0);
  headcount.reset();
  expect(JSON.parse(storage.text)).toEqual({ left: start });
  await pass(minute);
  expect(server.requests).toHaveLength(2);
  await pass(5 * minute);
  const [first, , last] = server.beats;
  expect(last?.anonymous).toBeTruthy();
  expect(last?.anonymous).not.toBe(first?.anonymous);
});

test("an answer that arrives after reset() brings nothing back", async () => {
  const { headcount, server, storage } = openClient();
  let answer: (response: Response) => void = () => {};
  server.answer = () => new Promise((resolve) => (answer = resolve));
  await pass(0);
  const { anonymous } = server.beats[0] ?? {};
  headcount.reset();
  headcount.shutdown();
  answer(Response.json({ accepted: 1, rejected: [], interval: 300 }));
  await pass(0);
  expect(storage.text).not.toContain(anonymous);
});

test("an answer for one user leaves alone what another tab has noted for the next", async () => {
  const { headcount, server, storage } = openClient({ key: "hc_pub_next_mac" });
  let answer: (response: Response) => void = () => {};
  server.answer = () => new Promise((resolve) => (answer = resolve));
  headcount.identify("u-1");
  await pass(0);
  const slot = Math.floor(Date.now() / slotMs);
  const next = { user: shortHash("u-2"), unsent: String(slot) };
  storage.setItem("hc_pub_next_mac", JSON.stringify(next));
  answer(Response.json({ accepted: 1, rejected: [], interval: 300 }));
  await pass(0);
  expect(JSON.parse(storage.text)).toEqual(next);
});

test.each([
  undefined,
  null,
  Number.NaN,
  {},
  [],
  Promise.resolve("u-42"),
  [{}, {}],
  true,
  false,
  () => "u-42",
  "undefined",
  "null",
  "NaN",
  "[object Object]",
  "[object Object],[object Object]",
  "",
  " \t\n",
  " undefined ",
  "x".repeat(257),
  Object.create(null),
  Symbol("u-42"),
])("%o is nobody's id: reported, and whoever was here goes on", async (id) => {
  for (const before of [undefined, "u-1"]) {
    const { headcount, server, problems } = openClient();
    if (before) headcount.identify(before);
    headcount.identify(id as string);
    await pass(minute);
    expect(server.users).toEqual([before]);
    expect(problems).toEqual([expect.any(TypeError)]);
    headcount.shutdown();
  }
});

test.each([
  [42, "42"],
  [0, "0"],
  [7n, "7"],
  ["undefined-behaviour", "undefined-behaviour"],
  ["null@example.com", "null@example.com"],
])("%o counts as %j", async (id, user) => {
  const { headcount, server, problems } = openClient();
  headcount.identify(id as string);
  await pass(minute);
  expect(server.users).toEqual([user]);
  expect(problems).toEqual([]);
});
