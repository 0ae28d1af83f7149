import { useContext } from "preact/hooks";
import type { Count, LifecycleAnswer, LifecycleRow } from "../../../sdk/answers.ts";
import { ChartPanel, type FigureSeries } from "../chart-panel.tsx";
import { intervalChoices, Segmented } from "../controls.tsx";
import { day, dayAfter, number } from "../format.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { statePeriods } from "../view-questions.ts";
import { figureOf } from "./series.ts";
import { useLeftWeekAgo } from "./use-left-week-ago.ts";
import { whyUntold } from "./why-untold.ts";

interface Kind extends Pick<FigureSeries, "name" | "colour" | "kind"> {
  row: "new" | "resurrected" | "returning" | "dormant";
}

const kinds: readonly Kind[] = [
  { row: "new", name: "New", colour: "--green", kind: "stack" },
  { row: "resurrected", name: "Came back", colour: "--violet", kind: "stack" },
  { row: "returning", name: "Stayed", colour: "--accent-mid", kind: "stack" },
  { row: "dormant", name: "Left", colour: "--rose", kind: "below" },
];
const daysOf = { day: 1, week: 7 } as const;

/** What became of the people from one period to the next. */
export function LifecyclePanel() {
  const { view, setView, firstDate } = useContext(SessionContext);
  const unit = view.interval;
  const query = useQuery<LifecycleAnswer>(
    pathOf("/v1/lifecycle", { interval: unit, periods: statePeriods[unit] }, view.only),
    120_000,
  );
  // Who stayed and who came back can be told after a whole period, from its first day on.
  const rows = (query.data?.periods ?? []).filter(
    ({ period }) => dayAfter(period, -daysOf[unit]) >= firstDate,
  );
  const running = rows.at(-1);
  const leftWeekAgo = useLeftWeekAgo(query.isStale ? undefined : running?.period, daysOf[unit]);
  // Where it isn't known who is new, whoever is new looks as if they came back.
  const untold = whyUntold(rows.map(({ new: fresh, followed }) => ({ figure: figureOf(fresh), followed })));
  const told = kinds.filter(({ row }) => untold === null || row === "returning" || row === "dormant");
  return (
    <ChartPanel
      title="Life cycle"
      class="tall"
      queries={[query]}
      blank={rows.length > 0 ? null : `The life cycle can be shown after the first full ${unit}.`}
      about={`Each ${unit}'s people: new, back after a pause, or active in the ${unit} before too (stayed). Below the line: people of the ${unit} before who weren't active (left). ${untold === null ? "" : `New people and people who came back can't be told apart. ${untold}`}`}
      remark={comparison(running, leftWeekAgo, unit)}
      controls={
        <Segmented
          label="Interval of life cycle and retention"
          name="interval"
          choices={intervalChoices}
          value={unit}
          onChange={(interval) => setView({ interval })}
        />
      }
      subject={`Life cycle by ${unit}`}
      placeName={unit === "week" ? "Week of" : "Day"}
      places={rows.map(({ period }) => {
        const isOpen = period === running?.period;
        const name = unit === "week" ? `Week of ${day(period)}` : day(period, "long");
        return { date: period, words: `${name}${isOpen ? ", so far" : ""}`, isOpen };
      })}
      series={told.map(({ row, ...kind }) => ({
        ...kind,
        figures: rows.map((one) => figureOf(one[row])),
      }))}
    />
  );
}

/** Until a period is over most of those who will come haven't yet: told beside the same hour a week before. */
function comparison(
  running: LifecycleRow | undefined,
  weekAgo: Count | null,
  unit: "day" | "week",
): string | null {
  if (running?.dormant.count == null) return null;
  const [current, before] = unit === "week" ? ["This week", "last week"] : ["Today", "yesterday"];
  const so = `${current} so far (hatched): ${inWords(running.dormant)} of ${before}'s people haven't been active yet.`;
  return weekAgo === null ? so : `${so} At the same hour a week ago, it was ${inWords(weekAgo)}.`;
}

function inWords({ count, low, high }: Count): string {
  return low === high ? number(count) : `about ${number(count)}`;
}
