import { expect, test } from "vitest";
import { Elastic } from "../../worker/counting/elastic.ts";

const rules = { busyCallsPerSecond: 400, busyReports: 3, restMs: 120_000, maxShards: 256 };

test("a shard that is busy for a while doubles them, a peak does not", () => {
  const elastic = new Elastic(rules);
  const loads = [500, 500, 100, 500, 500, 500];
  expect(loads.map((load, index) => elastic.report(0, load, 1, index * 15_000))).toEqual([1, 1, 1, 1, 1, 2]);
});

test("under any load they grow step by step to 256 and no further", () => {
  const elastic = new Elastic(rules);
  let [shards, now] = [1, 0];
  const doublings: number[] = [];
  for (let report = 0; report < 2000; report++) {
    now += 15_000;
    const next = elastic.report(0, 10_000 / shards + 400, shards, now);
    if (next !== shards) doublings.push(now);
    shards = next;
  }
  expect(shards).toBe(256);
  for (const [index, at] of doublings.slice(1).entries()) {
    expect(at - (doublings[index] ?? 0)).toBeGreaterThan(rules.restMs);
  }
});

test("they stop growing once each has little enough to do", () => {
  const elastic = new Elastic(rules);
  let [shards, now] = [1, 0];
  for (let report = 0; report < 1000; report++) {
    now += 15_000;
    shards = elastic.report(report % shards, 3000 / shards, shards, now);
  }
  // 3,000 calls a second over 8 shards are 375 each.
  expect(shards).toBe(8);
});

test("without a bound the number of shards is left alone", () => {
  const elastic = new Elastic({ ...rules, busyCallsPerSecond: 0 });
  for (let report = 0; report < 10; report++) expect(elastic.report(0, 1e6, 4, report)).toBe(4);
});

test("as many calls as the bound are not too many, and a rest is over when its time is", () => {
  const elastic = new Elastic(rules);
  for (let report = 0; report < 5; report++) expect(elastic.report(0, 400, 1, report)).toBe(1);
  const report = (at: number) => elastic.report(0, 401, 1, at);
  expect([0, 1, 2].map(report)).toEqual([1, 1, 2]);
  const { restMs } = rules;
  expect([2 + restMs, 3 + restMs, 4 + restMs].map(report)).toEqual([1, 1, 2]);
  expect([3 + 2 * restMs, 4 + 2 * restMs, 5 + 2 * restMs, 6 + 2 * restMs].map(report)).toEqual([1, 1, 1, 2]);
});

test("what was seen of any shard before a doubling is of no weight after it", () => {
  const elastic = new Elastic(rules);
  for (const now of [0, 1]) expect(elastic.report(1, 500, 2, now)).toBe(2);
  expect([0, 1, 2].map((now) => elastic.report(0, 500, 2, now))).toEqual([2, 2, 4]);
  const later = 2 + rules.restMs;
  expect([0, 1, 2].map((ms) => elastic.report(1, 500, 4, later + ms))).toEqual([4, 4, 8]);
});
