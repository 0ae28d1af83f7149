import { randomWords } from "./random.ts";

/** The days that {@link population} tells of. */
export const daysTold = 31;

/** Somebody's days as the bits of a number, day 0 the lowest, and the day on which they came first, below 0 for long ago. */
export interface Life {
  days: number;
  firstDay: number;
}

/**
 * The people of an invented app over 31 days: each with a habit of their own (most seldom, some daily), weekdays and
 * weekends, newcomers on each day of whom many leave within the first week, and people who stay away for weeks and return.
 */
export function population(size: number, seed: number): Life[] {
  const random = randomWords(seed);
  const uniform = () => ((random() >>> 0) + 0.5) / 2 ** 32;
  return Array.from({ length: size }, () => life(uniform));
}

function life(uniform: () => number): Life {
  const firstDay = uniform() < 0.35 ? Math.floor(uniform() * daysTold) : -1 - Math.floor(uniform() * 300);
  // A tenth comes on most days; the others' chances have most of their weight near 0.
  const habit = uniform() < 0.1 ? 0.7 + 0.3 * uniform() : 0.6 * uniform() ** 2.5 + 0.01;
  let isAround = firstDay >= 0 || uniform() < 0.6;
  let days = 0;
  for (let day = Math.max(0, firstDay); day < daysTold; day++) {
    if (day === firstDay) days |= 1 << day;
    else {
      const leaves = day - firstDay < 7 ? 0.08 : 0.015;
      isAround = isAround ? uniform() > leaves : uniform() < 0.008;
      const chance = habit * (day % 7 >= 5 ? 0.7 : 1);
      if (isAround && uniform() < chance) days |= 1 << day;
    }
  }
  return { days, firstDay };
}
