import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noteUnsent } from "../../sdk/offline-hours.ts";
import { slotMs } from "../../sdk/wire.ts";
import {
  accept,
  hour,
  minute,
  offline,
  openClient,
  pass,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

const slotOf = (at: number): number => Math.floor(at / slotMs);

test("what an hour offline missed are two beats with their times, sent once there is a network", async () => {
  const { server, page } = openClient();
  server.answer = offline;
  await pass(hour);
  server.requests.length = 0;
  server.answer = accept();
  page.wake();
  await pass(0);
  expect(server.requests).toHaveLength(1);
  expect(server.beats.map(({ at }) => at)).toEqual([
    Date.parse("2026-11-20T10:00:00Z"),
    Date.parse("2026-11-20T10:55:00Z"),
    undefined,
  ]);
  await pass(minute);
  expect(server.requests).toHaveLength(1);
});

test("it outlives a reload, for the anonymous installation and for a user who signs in again", async () => {
  for (const user of [undefined, "u-42"]) {
    let client = openClient();
    if (user) client.headcount.identify(user);
    client.server.answer = offline;
    await pass(0);
    vi.setSystemTime(start + 5 * hour);
    client.server.requests.length = 0;
    client.server.answer = accept();
    client = client.reload();
    if (user) client.headcount.identify(user);
    await pass(0);
    expect(client.server.beats.map(({ at }) => at)).toEqual([slotOf(start) * slotMs, undefined]);
    expect(client.server.users).toEqual([user, user]);
    client.headcount.shutdown();
    vi.setSystemTime(start);
  }
});

test("it is not sent in the name of somebody else", async () => {
  let client = openClient();
  client.headcount.identify("u-1");
  client.server.answer = offline;
  await pass(hour);
  client.server.requests.length = 0;
  client.server.answer = accept();
  client = client.reload();
  client.headcount.identify("u-2");
  await pass(0);
  expect(client.server.users).toEqual(["u-2"]);
});

test("a page that is closed before the answer sends the beat again", async () => {
  let client = openClient();
  client.server.answer = () => new Promise(() => {});
  await pass(0);
  client.server.answer = accept();
  client = client.reload();
  await pass(0);
  expect(client.server.requests).toHaveLength(2);
});

test("10 days offline are 7 days of hours, in bodies that a browser sends with keepalive", async () => {
  const client = openClient();
  client.headcount.identify("本".repeat(256), { dimensions: { tenant: "é".repeat(64) } });
  client.server.answer = offline;
  await pass(240 * hour);
  const back = Date.now();
  client.server.requests.length = 0;
  client.server.answer = accept();
  client.page.wake();
  await pass(minute);

  const { beats, requests } = client.server;
  const late = beats.flatMap(({ at }) => at ?? []);
  expect(late).toHaveLength(2 * 167);
  expect(new Set(late).size).toBe(2 * 167);
  for (const at of late) {
    expect(at).toBeGreaterThan(back - 168 * hour);
    expect(at).toBeLessThanOrEqual(back);
  }
  expect(beats.length - late.length).toBe(1);
  for (const { request } of requests) {
    expect(new TextEncoder().encode(request.body as string).length).toBeLessThan(60_000);
  }
  await pass(minute);
  expect(client.server.requests).toHaveLength(requests.length);
});

test("a network that fails again half way loses nothing and repeats nothing that was taken", async () => {
  const { server, page, headcount } = openClient();
  headcount.identify("u".repeat(256));
  server.answer = offline;
  await pass(100 * hour);
  server.requests.length = 0;
  let left = 2;
  server.answer = () => (left-- > 0 ? accept()() : offline());
  page.wake();
  await pass(500);
  const taken = server.requests.slice(0, 2).flatMap(({ body }) => body.beats.map(({ at }) => at));
  server.requests.length = 0;
  server.answer = accept();
  await pass(minute);
  const all = [...taken, ...server.beats.map(({ at }) => at)];
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength(2 * 100 + 1);
});

test("hours: the first and the last slot of each, none too old, none from the future", () => {
  const now = slotOf(start);
  expect(noteUnsent([], now)).toEqual([now]);
  expect(noteUnsent([now], now)).toEqual([now]);
  expect(noteUnsent([now], now + 3)).toEqual([now, now + 3]);
  expect(noteUnsent([now, now + 3], now + 7)).toEqual([now, now + 7]);
  expect(noteUnsent([now, now + 3], now + 12)).toEqual([now, now + 3, now + 12]);
  expect(noteUnsent([now], now + 12)).toEqual([now, now + 12]);
  expect(noteUnsent([now], now + 168 * 12)).toEqual([now + 168 * 12]);
  expect(noteUnsent([now + 500], now)).toEqual([now]);
  let unsent: number[] = [];
  for (let slot = now; slot < now + 20 * 24 * 12; slot++) {
    unsent = noteUnsent(unsent, slot);
    expect(unsent.length).toBeLessThanOrEqual(2 * 168);
    expect((slot - (unsent[0] ?? 0)) * slotMs).toBeLessThan(168 * hour);
  }
});

test("a clock that was wrong recounts nothing and stops nothing", async () => {
  let client = openClient();
  await pass(0);
  vi.setSystemTime(start + 300 * 24 * hour);
  client = client.reload();
  await pass(0);
  vi.setSystemTime(start + 10 * minute);
  client = client.reload();
  await pass(0);
  expect(client.server.requests).toHaveLength(3);
});
