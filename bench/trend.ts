import { People } from "../worker/counting/people.ts";
import { SlidingUnion } from "../worker/counting/sliding-union.ts";
import { entryOf, HyperLogLog } from "../worker/sketch/index.ts";

const days = 365;
const width = 30;
const peopleADay = 20_000;

/** A year of monthly active users, a point a day: the sliding union against uniting thirty days for each point. */
export function trendBench(): string {
  const sets = Array.from({ length: days + width - 1 }, (_, day) => randomPeople(day + 1));
  let unions = 0;
  const unite = (a: People, b: People) => {
    unions++;
    return People.union([a, b], 0);
  };

  const slidingMs = timed(() => {
    const window = new SlidingUnion<People>(unite);
    for (const [day, set] of sets.entries()) {
      window.push(set);
      if (window.size > width) window.shift();
      if (day >= width - 1) window.union()?.counted();
    }
  });
  const slidingUnions = unions;
  unions = 0;
  const naiveMs = timed(() => {
    for (let day = width - 1; day < sets.length; day++) {
      sets
        .slice(day - width + 1, day + 1)
        .reduce(unite)
        .counted();
    }
  });
  return `## A year of monthly active users

${days} points of a ${width}-day window over ${sets.length} days of ${peopleADay.toLocaleString("en")} people each.

| way | unions | a point | ratio |
| --- | ---: | ---: | ---: |
| sliding over two stacks | ${slidingUnions} | ${((slidingMs / days) * 1000).toFixed(0)} µs | 1.0 |
| uniting ${width} days for each point | ${unions} | ${((naiveMs / days) * 1000).toFixed(0)} µs | ${(naiveMs / slidingMs).toFixed(1)} |
`;
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** A day's people, drawn by a seeded generator (xorshift, 32 bits a word). */
function randomPeople(seed: number): People {
  const added = new HyperLogLog(0);
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  const word = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let person = 0; person < peopleADay; person++) added.add(entryOf(word(), word()));
  return new People(added, new HyperLogLog(0));
}
