import { parseArgs } from "node:util";
import type { Count, Ratio } from "../sdk/answers.ts";
import { countOn, daysFrom, sketchedApp, type SketchedApp } from "../test/support/sketched-app.ts";
import { engagement } from "../worker/query/engagement.ts";
import { growth, keepGrowth } from "../worker/query/growth.ts";
import { lifecycle } from "../worker/query/lifecycle.ts";
import { power } from "../worker/query/power.ts";
import { type CohortQuestion, retention } from "../worker/query/retention.ts";
import { timeseries } from "../worker/query/timeseries.ts";

const everyone = { of: "everyone" } as const;
const split = { of: "groups", dimension: "platform" } as const;

/** The answers of whole apps beside exact sets, and what they cost a roll-up. */
export function figuresBench(worlds: number, people: number): string {
  const found = new Map<string, Found>();
  const within: number[] = [];
  for (let seed = 1; seed <= worlds; seed++) {
    const app = sketchedApp(people, seed);
    within.push(countOn(app.people, daysFrom(1, 31)));
    for (const [name, figure, truth] of figuresOf(app)) {
      const one = found.get(name) ?? { truth, held: 0, told: 0, errors: [], widths: [] };
      found.set(name, one);
      const value = "count" in figure ? figure.count : figure.value;
      if (value === null || figure.low === null || figure.high === null) continue;
      one.told++;
      one.errors.push(value / truth - 1);
      one.widths.push((figure.high - figure.low) / 2 / value);
      if (figure.low <= truth && truth <= figure.high) one.held++;
    }
  }
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
  const rows = Array.from(found, ([name, { truth, held, told, errors, widths }]) => {
    const cells = [
      name,
      truth.toLocaleString("en", { maximumFractionDigits: 2 }),
      percent(mean(errors)),
      percent(Math.sqrt(mean(errors.map((error) => error ** 2)))),
      percent(mean(widths)),
      `${held} of ${told}`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return `## Figures of several sketches, as they are answered

${worlds} worlds of the same people under other hash keys: ${within[0]?.toLocaleString("en")} in 30 days, 2 % of them removed. Errors and half
widths of the 95 % interval in per cent of the figure. Where an interval is wider than its value the figure isn't told.

| figure | truth | bias | RMSE | half width | interval holds the truth |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.join("\n")}

CPU time of a question in such an app, the first time, when days are united, and again:

| question | first | again |
| --- | ---: | ---: |
${costs(sketchedApp(people, 1))
  .map(([name, first, again]) => `| ${name} | ${first.toFixed(0)} ms | ${again.toFixed(1)} ms |`)
  .join("\n")}
`;
}

interface Found {
  truth: number;
  held: number;
  told: number;
  errors: number[];
  widths: number[];
}

function* figuresOf(app: SketchedApp): Generator<[name: string, figure: Count | Ratio, truth: number]> {
  const { state, now, people, startOf } = app;
  const [is, was] = [daysFrom(21, 28), daysFrom(14, 21)];
  const week = lifecycle(state, "week", 2, now)[0]!;
  const both = people.filter(({ days }) => (days & is) !== 0 && (days & was) !== 0);
  const newInWeek = people.filter(
    ({ firstDay, days }) => firstDay >= 21 && firstDay < 28 && (days & is) !== 0,
  );
  yield ["returning, week", week.returning, both.length];
  yield ["resurrected, week", week.resurrected, countOn(people, is, was) - newInWeek.length];
  yield ["dormant, week", week.dormant, countOn(people, was, is)];
  const day = lifecycle(state, "day", 2, now)[0]!;
  const [today, before] = [1 << 30, 1 << 29];
  const stayed = people.filter(({ days }) => (days & today) !== 0 && (days & before) !== 0);
  const newToday = people.filter(({ firstDay, days }) => firstDay === 30 && (days & today) !== 0);
  yield ["returning, day", day.returning, stayed.length];
  yield ["resurrected, day", day.resurrected, countOn(people, today, before) - newToday.length];
  yield ["dormant, day", day.dormant, countOn(people, before, today)];

  const states = growth(state, "day", 2, now)[0]!;
  const tomorrow = today;
  const [weekBefore, monthBefore] = [daysFrom(23, 29), daysFrom(0, 23)];
  const fresh = people.filter(({ firstDay, days }) => firstDay === 29 && (days & before) !== 0);
  const current = people.filter(({ days }) => (days & before) !== 0 && (days & weekBefore) !== 0);
  const reactivated = people.filter(
    ({ days }) => (days & before) !== 0 && (days & weekBefore) === 0 && (days & monthBefore) !== 0,
  );
  const resurrected = people.filter(
    ({ days, firstDay }) => (days & daysFrom(0, 30)) === before && firstDay !== 29,
  );
  const share = (those: typeof people) => (100 * countOn(those, tomorrow)) / those.length;
  yield ["current", states.current, current.length];
  yield ["reactivated", states.reactivated, reactivated.length];
  yield ["resurrected", states.resurrected, resurrected.length];
  yield ["at risk, of the week", states.atRiskWau, countOn(people, weekBefore, before)];
  yield ["at risk, of the month", states.atRiskMau, countOn(people, monthBefore, weekBefore | before)];
  yield ["NURR", states.nurr, Number(share(fresh).toFixed(2))];
  yield ["CURR", states.curr, share(current)];
  yield ["RURR", states.rurr, share(reactivated)];
  yield ["SURR", states.surr, share(resurrected)];
  yield [
    "quick ratio",
    states.quickRatio,
    countOn(people, tomorrow, before) / countOn(people, before, tomorrow),
  ];

  const { curve } = power(state, 28, startOf(31), now, "");
  const active = people.map(({ days }) => days & daysFrom(3, 31)).filter((days) => days !== 0);
  const activeOn = (count: number) => active.filter((days) => bitCount(days) === count).length;
  for (const count of [1, 4, 12, 21]) {
    yield [
      `share active on ${count} of 28 days`,
      curve[count - 1]!.share,
      (100 * activeOn(count)) / active.length,
    ];
  }
  yield [
    "active on 21 of 28 days or more",
    curve[20]!.orMore,
    active.filter((days) => bitCount(days) >= 21).length,
  ];
  const rows = retention(state, { interval: "week", cohorts: 4, periods: 2, scope: split }, now);
  for (const { value, size, periods } of rows[0]!.groups ?? []) {
    const cohort = people.filter(
      ({ firstDay, platform }) => firstDay >= 7 && firstDay < 14 && platform === value,
    );
    yield [`week cohort on ${value}`, size, countOn(cohort, daysFrom(7, 31))];
    yield [`those of ${value} active a week later`, periods[1]!, countOn(cohort, daysFrom(14, 21))];
  }
}

function costs(app: SketchedApp): [name: string, first: number, again: number][] {
  const { state, now, startOf } = app;
  const series = { from: startOf(1), to: startOf(31), series: "" };
  const cohorts = (question: Pick<CohortQuestion, "interval" | "scope">) => () =>
    retention(state, { cohorts: question.interval === "day" ? 14 : 4, periods: 14, ...question }, now);
  const questions: [string, () => unknown][] = [
    ["engagement", () => engagement(state, everyone, startOf(31))],
    ["lifecycle, 14 days", () => lifecycle(state, "day", 14, now)],
    ["lifecycle, 14 days of one platform", () => lifecycle(state, "day", 14, now, "platform=web")],
    ["retention, 14 day cohorts", cohorts({ interval: "day", scope: everyone })],
    ["retention, 14 day cohorts by platform", cohorts({ interval: "day", scope: split })],
    ["retention, 4 week cohorts by platform", cohorts({ interval: "week", scope: split })],
    ["stickiness, 30 days", () => timeseries(state, { metric: "stickiness", by: null, ...series }, now)],
    ["new by platform, 30 days", () => timeseries(state, { metric: "new", by: "platform", ...series }, now)],
    ["power, 28 days", () => power(state, 28, startOf(31), now, "")],
    ["growth, 14 days, of which the hourly alarm has kept none", () => growth(state, "day", 14, now)],
    ["the alarm's part: 3 days and a week of growth", () => keepGrowth(state, now)],
  ];
  state.recordHistory(now);
  return questions.map(([name, ask]) => [name, cpuMs(ask), Math.min(cpuMs(ask), cpuMs(ask))]);
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function bitCount(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { worlds: { type: "string", default: "60" }, people: { type: "string", default: "80000" } },
  });
  process.stdout.write(figuresBench(Number(values.worlds), Number(values.people)));
}
