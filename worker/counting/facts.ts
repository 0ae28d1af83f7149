import { dayMs, hourMs } from "../limits.ts";
import { type Facts, factDays, type Silence } from "./notices.ts";
import { periodsBetween } from "./periods.ts";
import type { RollupState } from "./rollup-state.ts";
import { everyone } from "./series.ts";

/** Hours without anybody after which it is silent, … */
const silentHours = 3;
/** … if in each of so many weeks before at least so many people came in the same hours. By chance none come of 20 in 500 million cases. */
const usually = { weeks: 4, people: 20 };

/** What webhooks are told by. */
export function factsOf(state: RollupState, app: string, now: number): Facts {
  const today = state.calendar.dayAt(now).start;
  const { lastSeenUntil } = state.settings;
  const rows = state
    .dayRows(today - (factDays + 3) * dayMs, today)
    // Of days before that only a part of the people is known.
    .filter(({ to }) => lastSeenUntil === null || to >= lastSeenUntil);
  const isClosed = rows.at(-1)?.to === today;
  return { app, rows: isClosed ? rows : [], silence: () => silenceOf(state, now) };
}

function silenceOf(state: RollupState, now: number): Silence {
  const lastHour = Math.floor(now / hourMs) * hourMs;
  const from = lastHour - silentHours * hourMs;
  const count = (since: number, until: number) =>
    state.people(periodsBetween("hour", since, until), everyone).counted().count;
  const before = Array.from({ length: usually.weeks }, (_, week) => (week + 1) * 7 * dayMs).map((agoMs) =>
    count(from - agoMs, lastHour - agoMs),
  );
  const usual = Math.min(...before);
  const isNobodyThere = count(from, now) === 0;
  const isSilent = isNobodyThere ? (usual >= usually.people ? true : null) : false;
  return { from, to: now, isSilent, usual };
}
