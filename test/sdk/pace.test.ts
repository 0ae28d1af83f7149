import { afterEach, beforeEach, expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { type Resolution, secondsToNext } from "../../worker/counting/resolution.ts";
import {
  accept,
  hour,
  minute,
  openClient,
  pass,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";

const day = 24 * hour;
const calendar = new Calendar([{ from: 0, zone: "Europe/Berlin" }]);

beforeEach(stopTheClock);
afterEach(restartTheClock);

/** The SDK before a service that counts at a resolution, in Berlin. */
function openAt(resolution: Resolution) {
  const client = openClient();
  client.server.answer = () => accept(secondsToNext(resolution, Date.now(), calendar))();
  return client;
}

test.each([
  ["1h", hour],
  ["1d", day],
] as const)("at %s a page that stays open beats once a period, early in it", async (resolution, length) => {
  const { server } = openAt(resolution);
  await pass(3 * day);
  const times = server.requests.map(({ at }) => at);
  expect(times).toHaveLength((3 * day) / length + 1);
  for (const at of times.slice(1)) {
    const period = resolution === "1h" ? Math.floor(at / hour) * hour : calendar.dayAt(at).start;
    expect(at - period).toBeLessThan(minute + 1000);
  }
});

test("neither another page of the browser, nor coming back to one, beats again in a period that was told", async () => {
  let client = openAt("1d");
  for (let page = 0; page < 20; page++) {
    await pass(7 * minute);
    client.page.show(false);
    await pass(20 * minute);
    client.page.show();
    client = client.reload();
  }
  expect(client.server.requests).toHaveLength(1);
  await pass(6 * hour);
  expect(client.server.requests).toHaveLength(2);
});

test("somebody else, or a sign-in, is told at once", async () => {
  const { headcount, server } = openAt("1d");
  await pass(10 * minute);
  headcount.identify("a");
  await pass(10 * minute);
  headcount.identify("b");
  await pass(10 * minute);
  expect(server.beats.map(({ user }) => user)).toEqual([undefined, "a", "b"]);
});

test("what could not be sent is sent as soon as it can be", async () => {
  const { server, page } = openAt("1h");
  const { answer } = server;
  server.answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await pass(8 * minute);
  server.answer = answer;
  page.wake();
  await pass(hour);
  const accepted = server.requests.findLast(({ at }) => at < start + 30 * minute);
  expect(accepted?.body.beats.length).toBeGreaterThan(1);
});

test("a clock that was ahead when it was told of a day doesn't keep a page from counting", async () => {
  const client = openAt("1d");
  await pass(0);
  const kept = JSON.parse(client.storage.text);
  const [name = ""] = client.storage.items.keys();
  client.storage.setItem(
    name,
    JSON.stringify({ ...kept, seen: kept.seen + 10_000, next: kept.next + 10_000 }),
  );
  await pass(10 * minute);
  expect(client.server.requests.length).toBeGreaterThan(1);
});
