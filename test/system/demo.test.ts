import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { Population } from "../../scripts/demo/population.ts";
import type { ActiveAnswer, OnlineAnswer, TimeseriesAnswer } from "../../sdk/answers.ts";
import type { StatusAnswer } from "../../worker/dashboard/status.ts";
import { ask } from "../support/dashboard.ts";
import { cleanUp, startServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

afterAll(cleanUp);

interface Chapter {
  firstDay: string;
  zone: string;
  through: number;
}

test("the demo has a past that is right, people who live, and goes on where it was", async () => {
  // Midnight is the end of a slot.
  await stayWithinSlot();
  const server = await startServer({ script: "demo" });
  const { dataDir, keys, url } = server;
  expect(server.output()).toContain(`${url}/#key=${keys.read}`);
  const chapter = JSON.parse(await readFile(join(dataDir, "demo.json"), "utf8")) as Chapter;
  const population = new Population(chapter.firstDay, chapter.zone);

  // Fewer than 3,072 a day, so each of the 60 days is exact as sketches go; who linked two accounts is one person.
  const { points } = await ask<TimeseriesAnswer>(
    server,
    `/v1/timeseries?metric=dau&from=${chapter.firstDay}`,
  );
  const closed = points.filter((point) => point.closed);
  expect(closed).toHaveLength(60);
  for (const [day, { date, count, low, high }] of closed.entries()) {
    // Two of a few thousand may share one of the sketch's 67 million places: about once in 25 days.
    const missed = population.comersOf(day).length - (count as number);
    expect([date, low, high, missed >= 0 && missed <= 3]).toEqual([date, count, count, true]);
  }
  const lastDay = population.dateOf(60);
  const from = population.dateOf(31);
  const month = await ask<ActiveAnswer>(server, `/v1/active?from=${from}&to=${lastDay}`);
  const heads = new Set<number>();
  let accounts = 0;
  for (let day = 31; day < 60; day++) {
    for (const { number } of population.comersOf(day)) heads.add(number);
    accounts += population.linksOf(day).length;
  }
  expect(accounts).toBeGreaterThan(10);
  const { count, low, high } = month.windows[0] as { count: number; low: number; high: number };
  // Twice the interval that holds the truth in 95 of 100 cases.
  expect(Math.abs(count - heads.size)).toBeLessThan(high - low);

  const { parts } = await ask<StatusAnswer>(server, "/v1/status");
  expect(parts[0]).toMatchObject({ timeZone: chapter.zone, dimensions: ["tenant", "platform"] });
  for (const [dimension, values] of [
    ["tenant", 5],
    ["platform", 3],
  ] as const) {
    const { windows } = await ask<ActiveAnswer>(server, `/v1/active?window=30d&by=${dimension}`);
    expect(windows[0]?.groups).toHaveLength(values);
  }
  const online = async () => (await ask<OnlineAnswer>(server, "/v1/online?fresh=1")).windows[0]?.count ?? 0;
  await vi.waitFor(async () => expect(await online()).toBeGreaterThan(150), {
    timeout: 60_000,
    interval: 1000,
  });

  expect(await server.stop()).toBe(0);
  const again = await startServer({ script: "demo", dataDir });
  const later = JSON.parse(await readFile(join(dataDir, "demo.json"), "utf8")) as Chapter;
  expect(later).toEqual({ ...chapter, through: later.through });
  expect(later.through).toBeGreaterThan(chapter.through);
  const kept = await ask<TimeseriesAnswer>(
    again,
    `/v1/timeseries?metric=dau&from=${chapter.firstDay}&to=${lastDay}`,
  );
  expect(kept.points).toEqual(closed);
  expect(await again.stop()).toBe(0);
});

test("the invented population is the same however it is asked, and as far as one likes", () => {
  const [one, other] = [
    new Population("2026-09-22", "Europe/Berlin"),
    new Population("2026-09-22", "Europe/Berlin"),
  ];
  other.peopleBy(200);
  const { from, to } = one.boundsOf(40);
  expect(other.beatsOf(40, from, to)).toEqual(one.beatsOf(40, from, to));
  // In two parts it is the same day.
  const noon = from + 43_200_000;
  const parts = [...one.beatsOf(40, from, noon), ...one.beatsOf(40, noon, to)];
  expect(new Set(parts.map((beat) => JSON.stringify(beat)))).toEqual(
    new Set(one.beatsOf(40, from, to).map((beat) => JSON.stringify(beat))),
  );
  // The day on which summer time ends has 25 hours.
  expect(one.boundsOf(33).to - one.boundsOf(33).from).toBe(25 * 3_600_000);
});
