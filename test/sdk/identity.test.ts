import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newAnonymousId, shortHash } from "../../sdk/identity.ts";
import { slotMs } from "../../sdk/wire.ts";
import { FakePage, minute, openClient, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("an anonymous id is long, random and free of anything the browser is known by", () => {
  const ids = new Set(Array.from({ length: 1000 }, newAnonymousId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^\d+-\d+-\d+-\d+$/);
});

test("it needs no secure context", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(newAnonymousId()).not.toBe(newAnonymousId());
});

test("short hashes tell users apart", () => {
  const hashes = new Set(Array.from({ length: 10_000 }, (_, i) => shortHash(`user-${i}`)));
  expect(hashes.size).toBeGreaterThan(9_995);
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
  expect(server.links).toEqual([undefined, { anonymous, days: ["2026-11-20", "2026-11-20"] }]);
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
  expect(server.links.at(1)).toEqual({ anonymous, days: ["2026-11-20", "2026-11-20"] });
  expect(server.links.at(2)).toEqual({ anonymous, days: ["2026-11-20", "2026-11-20"] });
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
  expect(client.server.beats).toMatchObject([{ since: "2026-11-20" }, { since: "2026-11-20" }]);
});

test("reset() forgets the user, and makes a new anonymous id for the next slot", async () => {
  const { headcount, server, storage } = openClient();
  await pass(0);
  headcount.identify("u-42");
  await pass(0);
  headcount.reset();
  expect(storage.text).toBe("{}");
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
  const next = { user: { who: shortHash("u-2"), days: ["2026-11-20", "2026-11-20"], unsent: [slot] } };
  storage.setItem("hc_pub_next_mac", JSON.stringify(next));
  answer(Response.json({ accepted: 1, rejected: [], interval: 300 }));
  await pass(0);
  expect(JSON.parse(storage.text)).toEqual(next);
});

test("an id that is none is reported and not counted", async () => {
  for (const id of [undefined, null, 42]) {
    const { headcount, server, problems } = openClient();
    // @ts-expect-error what an app without types may do
    headcount.identify(id);
    await pass(minute);
    expect(server.requests).toHaveLength(0);
    expect(problems[0]).toBeInstanceOf(TypeError);
    headcount.shutdown();
  }
});
