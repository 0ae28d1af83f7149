import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import {
  compare,
  HyperLogLog,
  intersection,
  PowerUserCurve,
  Regions,
  share,
  SketchMismatchError,
} from "../../worker/sketch/index.ts";
import { keyId, randomEntries, sketchOf } from "./random.ts";
import { peopleOf, setsOf } from "./worlds.ts";

/** A thousand different people, one address each. */
const everybody = randomEntries(1000, 1);

/** Who is in which of up to five sets: bits of sets added to, and of those of them removed from. */
const memberships = array(
  record({ person: integer({ min: 0, max: 999 }), sets: integer({ min: 1, max: 31 }) }),
  {
    maxLength: 300,
  },
);

test("small sets are told exactly, removals included", () => {
  assert(
    property(memberships, memberships, integer({ min: 1, max: 5 }), (added, removed, width) => {
      const member = new Map<number, number>();
      for (const { person, sets } of added) member.set(person, sets & (2 ** width - 1));
      const left = new Map(member);
      for (const { person } of removed) if (left.has(person)) left.set(person, 0);
      const setOf = (bit: number, of: (person: number) => boolean) =>
        sketchOf(
          [...member].filter(([person, sets]) => sets & bit && of(person)).map(([p]) => everybody[p]!),
        );
      const regions = new Regions(
        Array.from({ length: width }, (_, i) => ({
          added: setOf(1 << i, () => true),
          removed: setOf(1 << i, (person) => left.get(person) === 0),
        })),
      );
      for (let region = 1; region < 1 << width; region++) {
        const truth = [...left.values()].filter((sets) => sets === region).length;
        expect(regions.count((any) => any === region)).toEqual({ count: truth, low: truth, high: truth });
      }
    }),
    { numRuns: 100, seed: 1 },
  );
});

const sizes = constantFrom(0, 1, 100, 2000, 3100, 5000, 20_000);

test("whatever the sizes, bounds enclose a count that is no more than the set", () => {
  assert(
    property(sizes, sizes, sizes, integer({ min: 1, max: 9 }), (onlyA, both, onlyB, seed) => {
      const [a, b] = setsOf(peopleOf([1, onlyA], [3, both], [2, onlyB]), 2, seed);
      const regions = new Regions([a!, b!]);
      for (const [region, truth] of [onlyA, onlyB, both].entries()) {
        const { count, low, high } = regions.count((any) => any === region + 1);
        expect([count, low, high].every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true);
        expect(low).toBeLessThanOrEqual(count);
        expect(count).toBeLessThanOrEqual(high);
        // Six standard errors; a sixth of one more where the interval is a handful of people.
        const width = Math.max(high - count, count - low);
        expect(Math.abs(count - truth)).toBeLessThanOrEqual(3.1 * width + 3);
      }
    }),
    { numRuns: 150, seed: 2 },
  );
});

test("beside large sets a list keeps its number of people, and is told from another list exactly", () => {
  const people = peopleOf([1, 700], [3, 300], [5, 900], [2, 40], [4, 30_000], [7, 60]);
  const [a, b, large] = setsOf(people, 3, 4);
  const regions = new Regions([a!, b!, large!]);
  const exact = (count: number) => ({ count, low: count - 1, high: count + 1 });
  for (const [isIn, truth] of [
    [(region: number) => (region & 1) !== 0, 1960],
    [(region: number) => (region & 3) === 3, 360],
    [(region: number) => (region & 3) === 2, 40],
  ] as const) {
    const { count, low, high } = regions.count(isIn);
    expect(count).toBe(truth);
    expect(low).toBeGreaterThanOrEqual(exact(truth).low);
    expect(high).toBeLessThanOrEqual(exact(truth).high);
  }
});

test("the order of the sets makes no difference", () => {
  for (const size of [500, 4000, 30_000]) {
    const [a, b] = setsOf(peopleOf([1, 2000], [3, size], [2, 9000]), 2, size);
    const [there, back] = [intersection(a!, b!), intersection(b!, a!)];
    for (const bound of ["count", "low", "high"] as const) {
      expect(Math.abs(there[bound] - back[bound])).toBeLessThanOrEqual(1);
    }
  }
});

test("a set is all of itself, and of any union that it is in", () => {
  for (const size of [0, 1, 3000, 4000, 50_000]) {
    const [set, more] = setsOf(peopleOf([3, size], [2, 20_000]), 2, 7);
    const own = share(set!, set!);
    if (size === 0) expect(own).toBeNull();
    else {
      expect(own).toMatchObject({ value: 1, high: 1 });
      expect(own!.low).toBeGreaterThan(0.999);
    }
    // Fitted apart, so the same to a few in 100,000.
    const alone = new Regions([set!]).count(() => true).count;
    expect(Math.abs(intersection(set!, more!).count - alone)).toBeLessThanOrEqual(size / 20_000);
  }
});

test("a set compared with itself has changed in nothing", () => {
  for (const size of [2000, 40_000]) {
    const [set] = setsOf(peopleOf([1, size]), 1, size);
    const { arrived, dormant, growth, retained, quickRatio } = compare(set!, set!);
    expect([arrived.count, dormant.count]).toEqual([0, 0]);
    expect(growth?.value).toBeCloseTo(0, 6);
    expect(retained?.value).toBeCloseTo(1, 6);
    expect(quickRatio).toBeNull();
  }
});

test("people of an empty set are compared with nobody", () => {
  const nobody = { added: new HyperLogLog(keyId), removed: new HyperLogLog(keyId) };
  for (const size of [100, 10_000]) {
    const [set] = setsOf(peopleOf([1, size]), 1, 3);
    const { returning, dormant, arrived, growth, retained, quickRatio } = compare(nobody, set!);
    expect([returning.high, dormant.high]).toEqual([0, 0]);
    expect(arrived).toEqual(new Regions([set!]).count(() => true));
    expect([growth, retained, quickRatio]).toEqual([null, null, null]);
    expect(compare(set!, nobody).growth).toEqual({ value: -1, low: -1, high: -1 });
  }
  expect(compare(nobody, nobody).arrived).toEqual({ count: 0, low: 0, high: 0 });
});

test("people removed from both periods are in neither", () => {
  // 1,000 in both and removed from both: the figures are those without them, more or less what a thousand weigh.
  const [a, b] = setsOf(peopleOf([1, 9000], [3, 21_000], [2, 9000], [3 | 12, 1000]), 2, 5);
  const { returning, dormant, arrived } = compare(a!, b!);
  for (const [figure, truth] of [
    [returning, 21_000],
    [dormant, 9000],
    [arrived, 9000],
  ] as const) {
    expect(figure.low).toBeLessThanOrEqual(truth);
    expect(figure.high).toBeGreaterThanOrEqual(truth);
    expect(figure.high - figure.low).toBeLessThan(0.08 * truth);
  }
});

test("sketches of different keys are not compared", () => {
  const foreign = { added: new HyperLogLog(keyId + 1), removed: new HyperLogLog(keyId + 1) };
  for (const size of [10, 5000]) {
    const [set] = setsOf(peopleOf([1, size]), 1, 1);
    expect(() => compare(set!, foreign)).toThrow(SketchMismatchError);
    expect(() => new PowerUserCurve([set!, foreign])).toThrow(SketchMismatchError);
  }
});

test("more than six sets are refused", () => {
  const nobody = { added: new HyperLogLog(keyId), removed: new HyperLogLog(keyId) };
  expect(() => new Regions(Array.from({ length: 7 }, () => nobody))).toThrow(RangeError);
});

test("registers that nobody could have filled still give finite whole numbers", () => {
  const filled = (rank: number) => ({
    added: HyperLogLog.fromRegisters(new Uint8Array(16_384).fill(rank), keyId),
    removed: new HyperLogLog(keyId),
  });
  for (const [a, b] of [
    [1, 51],
    [51, 51],
    [30, 1],
    [20, 21],
  ] as const) {
    for (const figure of [compare(filled(a), filled(b)).returning, compare(filled(a), filled(b)).arrived]) {
      expect(Object.values(figure).every(Number.isSafeInteger), `ranks ${a} and ${b}`).toBe(true);
    }
  }
});
