import { expect, test } from "vitest";
import { comparedDays, usualRange } from "../../worker/counting/usual-range.ts";
import { seeded } from "../support/population.ts";

/** What an app's days are made of: people, growth by the week, noise of a day, and how weekdays differ. */
interface World {
  people: number;
  growth: number;
  noise: number;
  seed: number;
}

const weekdays = [1, 1, 1, 0.95, 0.9, 0.5, 0.4];
const yearDays = 365;

/** Daily active users over a year and the weeks before it: lognormal noise, chance, and the sketch's error. */
function daysOf({ people, growth, noise, seed }: World): number[] {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: yearDays + comparedDays }, (_, day) => {
    const mean = people * (weekdays[day % 7] as number) * (1 + growth) ** (day / 7);
    const present = mean * Math.exp(noise * normal());
    const counted = Math.max(0, present + Math.sqrt(present) * normal());
    return Math.round(counted > 500 ? counted * (1 + 0.008 * normal()) : counted);
  });
}

/** The 95 % interval of a count. */
function intervalOf(count: number) {
  const half = count > 500 ? 0.016 * count : 0;
  return { low: count - half, high: count + half };
}

/** The range for each day of the year. */
function* judged(world: World): Generator<{ count: number; range: { low: number; high: number } | null }> {
  const days = daysOf(world);
  for (let day = comparedDays; day < days.length; day++) {
    yield {
      count: days[day] as number,
      range: usualRange(days.slice(day - comparedDays, day).toReversed()),
    };
  }
}

function worlds(): World[] {
  return [30, 100, 3000, 100_000].flatMap((people) =>
    [-0.02, 0, 0.01, 0.03].flatMap((growth) =>
      [0.02, 0.05, 0.1].flatMap((noise) =>
        Array.from({ length: 5 }, (_, seed) => ({ people, growth, noise, seed: people + seed * 7919 })),
      ),
    ),
  );
}

test("in 240 years of apps with weekdays, growth and noise it rings less than once in ten years", () => {
  let rings = 0;
  let days = 0;
  for (const world of worlds()) {
    for (const { count, range } of judged(world)) {
      if (range === null) continue;
      const { low, high } = intervalOf(count);
      days++;
      if (high < range.low || low > range.high) rings++;
    }
  }
  // Nearly every day could be judged.
  expect(days).toBeGreaterThan(240 * yearDays * 0.8);
  expect(rings).toBeLessThan(240 / 10);
});

test("a drop by 40 % and a doubling are noticed on their day, where days are about as steady as their weekdays", () => {
  let [drops, doublings, days] = [0, 0, 0];
  for (const people of [3000, 100_000]) {
    for (const growth of [-0.02, 0, 0.01, 0.03]) {
      for (let seed = 0; seed < 5; seed++) {
        for (const { count, range } of judged({ people, growth, noise: 0.03, seed })) {
          if (range === null) continue;
          days++;
          if (intervalOf(count * 0.6).high < range.low) drops++;
          if (intervalOf(count * 2).low > range.high) doublings++;
        }
      }
    }
  }
  expect(drops / days).toBeGreaterThan(0.97);
  expect(doublings / days).toBeGreaterThan(0.99);
});

test("a lasting drop is no longer unusual after three weeks, and what comes after it is no spike", () => {
  const before = Array.from({ length: comparedDays }, () => 1000);
  const rings: string[] = [];
  const days = [...before];
  for (let day = 0; day < 60; day++) {
    const range = usualRange(days.slice(-comparedDays).toReversed());
    if (range !== null && range.low > 500) rings.push(`drop ${day}`);
    if (range !== null && range.high < 500) rings.push(`spike ${day}`);
    days.push(500);
  }
  expect(rings).toEqual(Array.from({ length: rings.length }, (_, day) => `drop ${day}`));
  expect(rings.length).toBeGreaterThanOrEqual(7);
  expect(rings.length).toBeLessThanOrEqual(21);
});

test("two weeks of holidays are a drop, and the return is no spike", () => {
  const days = Array.from({ length: comparedDays }, () => 1000);
  const range = () => usualRange(days.slice(-comparedDays).toReversed()) ?? { low: 0, high: 0 };
  expect(range().low).toBeGreaterThan(400);
  days.push(...Array.from({ length: 14 }, () => 400));
  expect(range().high).toBeGreaterThan(1000);
});

test("nothing is said of an app that is too young or too small, or of a weekday on which hardly anybody comes", () => {
  expect(usualRange([])).toBeNull();
  expect(usualRange(Array.from({ length: 27 }, () => 1000))).toBeNull();
  expect(usualRange(Array.from({ length: 28 }, () => 1000))).not.toBeNull();
  expect(usualRange(Array.from({ length: comparedDays }, () => 9))).toBeNull();
  // The seventh day before is of the same weekday.
  expect(
    usualRange(Array.from({ length: comparedDays }, (_, index) => (index % 7 === 6 ? 3 : 900))),
  ).toBeNull();
  const gaps = Array.from({ length: comparedDays }, (_, index) => (index < 14 ? null : 1000));
  expect(usualRange(gaps)).toEqual({ low: expect.closeTo(750, 0), high: expect.closeTo(1333.3, 0) });
});
