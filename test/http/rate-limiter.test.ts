import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "../../worker/http/rate-limiter.ts";

const rate = { burst: 10, perSecond: 2 };

test("a burst goes through, then what the rate allows, and the wait that is told is enough and no more", () => {
  const limits = new RateLimiter(10);
  for (let index = 0; index < 10; index++) expect(limits.take("a", 1, rate, 0)).toBe(0);
  expect(limits.take("a", 1, rate, 0)).toBe(500);
  expect(limits.take("a", 3, rate, 0)).toBe(1500);
  expect(limits.take("a", 3, rate, 1499)).toBe(1);
  expect(limits.take("a", 3, rate, 1500)).toBe(0);
  expect(limits.take("b", 10, rate, 1500)).toBe(0);
});

test("what costs more than a bucket holds goes through when the bucket is full, and is paid for", () => {
  const limits = new RateLimiter(10);
  expect(limits.take("a", 100, rate, 0)).toBe(0);
  expect(limits.take("a", 1, rate, 0)).toBe(45_500);
  expect(limits.take("a", 100, rate, 49_999)).toBe(1);
  expect(limits.take("a", 100, rate, 50_000)).toBe(0);
});

test("it lets through what a bucket of tokens lets through", () => {
  const requests = fc.array(
    fc.record({ waitMs: fc.integer({ min: 0, max: 4000 }), cost: fc.integer({ min: 1, max: 10 }) }),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(requests, (all) => {
      const limits = new RateLimiter(10);
      let [tokens, now] = [rate.burst, 0];
      for (const { waitMs, cost } of all) {
        now += waitMs;
        // Halves are exact: two tokens a second, time in whole milliseconds.
        tokens = Math.min(rate.burst, tokens + (waitMs * rate.perSecond) / 1000);
        const isRefused = limits.take("a", cost, rate, now) > 0;
        expect(isRefused).toBe(tokens + 1e-9 < cost);
        if (!isRefused) tokens -= cost;
      }
    }),
    { numRuns: 1000, seed: 3 },
  );
});

test("memory is bounded, and who was seen last is remembered", () => {
  const limits = new RateLimiter(2);
  for (const bucket of ["a", "b", "c"]) expect(limits.take(bucket, 10, rate, 0)).toBe(0);
  expect(limits.take("c", 1, rate, 0)).toBeGreaterThan(0);
  expect(limits.take("b", 1, rate, 0)).toBeGreaterThan(0);
  expect(limits.take("a", 10, rate, 0)).toBe(0);
});

test("who was let through last is forgotten last, whenever they first came", () => {
  const limits = new RateLimiter(2);
  for (const key of ["a", "b", "a", "c"]) expect(limits.take(key, 5, rate, 0)).toBe(0);
  expect(limits.take("a", 1, rate, 0)).toBeGreaterThan(0);
  expect(limits.take("b", 10, rate, 0)).toBe(0);
});

test("a clock that was ahead and is set back leaves nobody waiting for longer than before", () => {
  const limiter = new RateLimiter(10);
  for (let index = 0; index < 10; index++) expect(limiter.take("a", 1, rate, 1e12)).toBe(0);
  expect(limiter.take("a", 1, rate, 0)).toBe(500);
  expect(limiter.take("b", 10, rate, 1e12)).toBe(0);
  expect(limiter.take("b", 2, rate, 0)).toBe(1000);
  expect(limiter.take("a", 1, rate, 1e12 + 500)).toBe(0);
});
