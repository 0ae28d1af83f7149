import { createHeadcount, type HeadcountServer } from "headcount/server";
import { startHeadcount, type TestHeadcount } from "headcount/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Notes } from "./notes.ts";

let service: TestHeadcount;
let headcount: HeadcountServer;
let notes: Notes;

beforeEach(async () => {
  service = await startHeadcount({
    now: Date.UTC(2026, 0, 5, 9),
    timeZone: "Europe/Berlin",
    settings: { dimensions: ["plan"] },
  });
  // The app's own clock goes with the service's.
  vi.setSystemTime(service.now());
  headcount = createHeadcount({ endpoint: service.url, secretKey: service.keys.secret });
  notes = new Notes(headcount);
}, 30_000);

afterEach(async () => {
  vi.useRealTimers();
  await headcount.close();
  await service.stop();
});

/** 25 hours: today's first five minutes are still in the last 24 hours of tomorrow's. */
async function nextDay(): Promise<void> {
  await service.advance(25 * 3_600_000);
  vi.setSystemTime(service.now());
}

/** What was touched is sent within a second; a test doesn't wait for it. */
async function counts(where?: Record<string, string>) {
  await headcount.flush();
  return service.counts(where);
}

test("whoever writes is active, once", async () => {
  expect(await counts()).toEqual({ online: 0, dau: 0, wau: 0, mau: 0 });
  notes.write("ada", "paid", "Buy milk");
  notes.write("ada", "paid", "Buy more milk");
  notes.write("bob", "free", "Call Ada");
  expect(await counts()).toEqual({ online: 2, dau: 2, wau: 2, mau: 2 });
  expect(await counts({ plan: "paid" })).toMatchObject({ dau: 1 });
});

test("who wrote yesterday is no daily user today, but a weekly one", async () => {
  notes.write("ada", "paid", "Buy milk");
  notes.write("bob", "free", "Call Ada");
  await headcount.flush();
  await nextDay();
  notes.write("ada", "paid", "Buy bread");
  expect(await counts()).toEqual({ online: 1, dau: 1, wau: 2, mau: 2 });
});

test("who leaves is taken out of the past, too", async () => {
  notes.write("ada", "paid", "Buy milk");
  notes.write("bob", "free", "Call Ada");
  await headcount.flush();
  await notes.leave("bob");
  expect(await counts()).toEqual({ online: 1, dau: 1, wau: 1, mau: 1 });
});
