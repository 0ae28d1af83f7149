import { expect, test } from "vitest";
import { growthStates } from "../../worker/sketch/index.ts";
import { growthSetsOf } from "./scenarios.ts";
import { countIn, peopleOf, setsOf } from "./worlds.ts";

const [next, day, week, month, fresh, freshNext] = [1, 2, 4, 8, 16, 32];

/** People of each state that there is, and some of each on the day after. */
const groups = [
  [fresh | day, 40],
  [fresh | day | next | freshNext, 25],
  [day | week, 100],
  [day | week | next, 220],
  [day | week | month | next, 330],
  [day | month, 30],
  [day | month | next, 20],
  [day, 9],
  [day | next, 6],
  [week, 200],
  [week | month | next, 50],
  [month, 500],
  [month | next, 12],
  [next, 33],
] as const;

function statesOf(people: Int32Array) {
  return growthStates(growthSetsOf(setsOf(people, 6, 1)));
}

test("the states of a small app are exact, and everybody of the last 30 days is in one of them", () => {
  const states = statesOf(peopleOf(...groups));
  const exact = (value: number) => ({ count: value, low: value, high: value });
  expect(states.new).toEqual(exact(65));
  expect(states.current).toEqual(exact(650));
  expect(states.reactivated).toEqual(exact(50));
  expect(states.resurrected).toEqual(exact(15));
  expect(states.atRiskWau).toEqual(exact(250));
  expect(states.atRiskMau).toEqual(exact(512));
  expect(states.newUserRetention?.value).toBeCloseTo(25 / 65, 12);
  expect(states.currentUserRetention?.value).toBeCloseTo(550 / 650, 12);
  expect(states.reactivatedUserRetention?.value).toBeCloseTo(20 / 50, 12);
  expect(states.resurrectedUserRetention?.value).toBeCloseTo(6 / 15, 12);
  // 50 + 12 + 33 came on the day after and not on the day; 40 + 100 + 30 + 9 the other way round.
  expect(states.quickRatio?.value).toBeCloseTo(95 / 179, 12);
});

test("who was removed from all their sets is in no state", () => {
  const removed = groups.map(([bits, count]) => [bits | (bits << 6), Math.ceil(count / 4)] as const);
  expect(statesOf(peopleOf(...groups, ...removed))).toEqual(statesOf(peopleOf(...groups)));
});

test("states that nobody is in have no rate", () => {
  const states = statesOf(peopleOf([week | month, 10]));
  expect(states.atRiskWau.count).toBe(10);
  expect(states.current.count).toBe(0);
  expect([states.currentUserRetention, states.newUserRetention, states.quickRatio]).toEqual([
    null,
    null,
    null,
  ]);
});

test("the states of a large app add up to its people", () => {
  const people = peopleOf(...groups.map(([bits, count]) => [bits, count * 60] as const));
  const states = statesOf(people);
  const { current, reactivated, resurrected, atRiskWau, atRiskMau } = states;
  const sum = [states.new, current, reactivated, resurrected, atRiskWau, atRiskMau].reduce(
    (total, { count }) => total + count,
    0,
  );
  const truth = people.length - countIn(people, next, day | week | month);
  expect(Math.abs(sum / truth - 1)).toBeLessThan(0.03);
});
