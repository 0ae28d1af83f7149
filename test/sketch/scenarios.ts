import {
  compare,
  type Comparison,
  type Counted,
  type GrowthSets,
  type GrowthStates,
  growthStates,
  PowerUserCurve,
  type Ratio,
  retention,
  share,
  type TwoPhaseSet,
} from "../../worker/sketch/index.ts";
import { daysTold, population } from "./population.ts";
import { countIn, peopleOf, setsOf } from "./worlds.ts";

/** A figure that was estimated, beside the truth. */
interface Outcome {
  truth: number;
  figure: Counted | Ratio | null;
}

/** Fixed people, hashed under another key for each seed, and what is then estimated of them, by name. */
export interface Scenario {
  name: string;
  run: (seed: number) => Record<string, Outcome>;
}

/** Two periods: people of the earlier alone, of both, of the later alone; new ones of these; and 2 % of all removed. */
export function periods(
  name: string,
  [onlyEarlier, both, onlyLater]: readonly [number, number, number],
  { fresh = 0, removed = 0 } = {},
): Scenario {
  // Bits: earlier, later, fresh; then the same removed.
  const gone = (bits: number, count: number) => [
    [bits, count] as const,
    [bits | (bits << 3), Math.round(count * removed)] as const,
  ];
  const people = peopleOf(
    ...gone(1, onlyEarlier),
    ...gone(3, both),
    ...gone(2, onlyLater - fresh),
    ...gone(6, fresh),
  );
  const truth: Partial<Record<keyof Comparison, number>> = {
    returning: both,
    dormant: onlyEarlier,
    arrived: onlyLater,
    ...(fresh > 0 && { fresh }),
    resurrected: onlyLater - fresh,
    growth: (both + onlyLater) / (both + onlyEarlier) - 1,
    retained: both / (both + onlyEarlier),
    quickRatio: onlyLater / onlyEarlier,
  };
  return {
    name,
    run: (seed) => {
      const [earlier, later, newcomers] = setsOf(people, 3, seed);
      const figures = compare(earlier!, later!, newcomers);
      return Object.fromEntries(
        Object.entries(truth).map(([key, value]) => [
          key,
          { truth: value, figure: figures[key as keyof Comparison] },
        ]),
      );
    },
  };
}

/** A day inside its month. */
export function stickiness(name: string, day: number, month: number): Scenario {
  const people = peopleOf([3, day], [2, month - day]);
  return {
    name,
    run: (seed) => {
      const [part, whole] = setsOf(people, 2, seed);
      return { share: { truth: day / month, figure: share(part!, whole!) } };
    },
  };
}

/** A cohort of which a share is of some dimension's value, and of these a share was active later. */
export function cohort(name: string, size: number, valued: number, active: number, value: number): Scenario {
  // Bits: the cohort, those of it who were active, the dimension's value.
  const within = Math.round(size * valued);
  const people = peopleOf(
    [7, Math.round(within * active)],
    [5, within - Math.round(within * active)],
    [3, Math.round((size - within) * active)],
    [1, size - within - Math.round((size - within) * active)],
    [4, value - within],
  );
  const [inCohort, wereActive] = [countIn(people, 5), countIn(people, 7)];
  return {
    name,
    run: (seed) => {
      const [all, later, dimension] = setsOf(people, 3, seed);
      const figures = retention(all!, later!, dimension);
      return {
        size: { truth: inCohort, figure: figures.size },
        active: { truth: wereActive, figure: figures.active },
        rate: { truth: wereActive / inCohort, figure: figures.rate },
      };
    },
  };
}

/** The sets of growth accounting, in the order of their bits. */
export function growthSetsOf(sets: readonly TwoPhaseSet[]): GrowthSets {
  const [next, day, week, month, fresh, freshNext] = sets;
  return { next: next!, day: day!, week: week!, month: month!, fresh: fresh!, freshNext: freshNext! };
}

/** Growth accounting of the 30th of the population's 31 days. */
export function growth(name: string, size: number): Scenario {
  const day = daysTold - 2;
  const [next, today, week, month, fresh] = [1, 2, 4, 8, 16];
  const daysFrom = (from: number, to: number) => (2 ** (to - from) - 1) * 2 ** from;
  const people = Int32Array.from(population(size, 1), ({ days, firstDay }) => {
    const has = (bits: number) => (days & bits) !== 0;
    let sets = 0;
    if (has(1 << (day + 1))) sets |= next;
    if (has(1 << day)) sets |= today;
    if (has(daysFrom(day - 6, day))) sets |= week;
    if (has(daysFrom(day - 29, day - 6))) sets |= month;
    if (firstDay === day) sets |= fresh | ((sets & next) << 5);
    return sets;
  });
  const states = {
    new: [fresh, 0],
    current: [today | week, 0],
    reactivated: [today | month, week],
    resurrected: [today, week | month | fresh],
    atRiskWau: [week, today],
    atRiskMau: [month, today | week],
  } as const;
  const rates = {
    newUserRetention: "new",
    currentUserRetention: "current",
    reactivatedUserRetention: "reactivated",
    resurrectedUserRetention: "resurrected",
  } as const;
  const truth = new Map<string, number>();
  for (const [state, [present, absent]] of Object.entries(states)) {
    truth.set(state, countIn(people, present, absent));
  }
  for (const [rate, state] of Object.entries(rates)) {
    const [present, absent] = states[state];
    truth.set(rate, countIn(people, present | next, absent) / truth.get(state)!);
  }
  truth.set("quickRatio", countIn(people, next, today) / countIn(people, today, next));
  return {
    name,
    run: (seed) => {
      const sets = setsOf(people, 6, seed);
      const figures = growthStates(growthSetsOf(sets));
      return Object.fromEntries(
        Array.from(truth, ([key, value]) => [
          key,
          { truth: value, figure: figures[key as keyof GrowthStates] },
        ]),
      );
    },
  };
}

const bars = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 7],
  [8, 14],
  [15, 20],
  [21, 28],
] as const;

/** The power user curve of 28 days. */
export function powerUsers(name: string, size: number): Scenario {
  const people = Int32Array.from(population(size, 2), ({ days }) => days & (2 ** 28 - 1)).filter(
    (days) => days !== 0,
  );
  const none = new Int32Array(0);
  const counts = new Float64Array(29);
  for (const days of people) counts[days.toString(2).replaceAll("0", "").length]! += 1;
  return {
    name: `${name}, ${people.length.toLocaleString("en")} in 28 days`,
    run: (seed) => {
      const [empty] = setsOf(none, 1, seed);
      const curve = new PowerUserCurve(
        setsOf(people, 28, seed).map(({ added }) => ({ added, removed: empty!.removed })),
      );
      return Object.fromEntries(
        bars.map(([from, to]) => {
          const truth = counts.subarray(from, to + 1).reduce((sum, count) => sum + count, 0) / people.length;
          return [
            `${from === to ? from : `${from}-${to}`} day${to === 1 ? "" : "s"}`,
            { truth, figure: curve.between(from, to).share },
          ];
        }),
      );
    },
  };
}
