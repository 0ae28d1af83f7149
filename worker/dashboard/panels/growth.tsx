import { useContext } from "preact/hooks";
import type { GrowthAnswer, GrowthRow, Ratio } from "../../../sdk/answers.ts";
import { ChartPanel, type FigureSeries } from "../chart-panel.tsx";
import { intervalChoices, Segmented } from "../controls.tsx";
import { day, percent } from "../format.ts";
import { SessionContext } from "../session-context.ts";
import type { TableModel } from "../table-model.ts";
import { useQuery } from "../use-query.ts";
import { statePeriods } from "../view-questions.ts";
import { figureOf } from "./series.ts";

interface State extends Pick<FigureSeries, "name" | "colour" | "kind"> {
  row: "new" | "resurrected" | "reactivated" | "current" | "atRiskWau" | "atRiskMau";
}

const states: readonly State[] = [
  { row: "new", name: "New", colour: "--green", kind: "stack" },
  { row: "resurrected", name: "Resurrected", colour: "--violet", kind: "stack" },
  { row: "reactivated", name: "Reactivated", colour: "--accent", kind: "stack" },
  { row: "current", name: "Current", colour: "--accent-mid", kind: "stack" },
  { row: "atRiskWau", name: "At risk", colour: "--ochre", kind: "below" },
];

/** Who of each day's or week's people is in which state of growth accounting, and whether more come than go. */
export function GrowthPanel() {
  const { view, setView } = useContext(SessionContext);
  const unit = view.interval;
  const isNarrowed = view.only !== null;
  const query = useQuery<GrowthAnswer>(
    isNarrowed ? null : `/v1/growth?interval=${unit}&periods=${statePeriods[unit]}`,
    600_000,
  );
  const all = query.data?.periods ?? [];
  const rows = all.slice(
    Math.max(
      0,
      all.findIndex(({ current }) => current.count !== null),
    ),
  );
  const isKnown = rows.some(({ current }) => current.count !== null);
  const newest = all.findLast(({ quickRatio }) => quickRatio.value !== null);
  return (
    <ChartPanel
      title="Growth"
      class="tall"
      queries={isNarrowed ? [] : [query]}
      blank={
        isNarrowed
          ? "Growth is counted for everyone together and can't be filtered. Remove the filter to see it."
          : isKnown
            ? null
            : `It takes a whole ${unit === "day" ? "month" : "five weeks"} to know who is back after a pause. ${all.at(-1)?.current.reason ?? ""}`
      }
      about={`Each ${unit}'s people: new, back after a month or more (resurrected), back within a month (reactivated), or current. Below the line: people of the ${unit === "day" ? "6 days" : "week"} before who weren't active (at risk).`}
      remark={newest === undefined ? null : remarkOn(newest, unit)}
      controls={
        <Segmented
          label="Interval of growth"
          name="growth-interval"
          choices={intervalChoices}
          value={unit}
          onChange={(interval) => setView({ interval })}
        />
      }
      subject={`Growth by ${unit}`}
      placeName={unit === "week" ? "Week of" : "Day"}
      places={rows.map(({ period }) => ({
        date: period,
        words: unit === "week" ? `Week of ${day(period)}` : day(period, "long"),
        isOpen: false,
      }))}
      series={states.map(({ row, ...state }) => ({
        ...state,
        figures: rows.map((one) => figureOf(one[row])),
      }))}
      table={tableOf(rows, unit)}
    />
  );
}

/** The newest quick ratio and the rate at which current users come back, in words. */
function remarkOn({ period, quickRatio, curr }: GrowthRow, unit: "day" | "week"): string {
  const when = unit === "week" ? `the week of ${day(period)}` : day(period);
  const { value, low, high } = quickRatio;
  const quick = `From ${when} to the next ${unit}, ${value?.toFixed(2)} people came for each one who left (95 % interval: ${low?.toFixed(2)} – ${high?.toFixed(2)}).`;
  return curr.value === null
    ? quick
    : `${quick} Of the current people, ${percent(curr.value)} came back (${percent(curr.low)} – ${percent(curr.high)}).`;
}

function tableOf(rows: readonly GrowthRow[], unit: "day" | "week"): TableModel {
  const counts = [...states, { row: "atRiskMau" as const, name: "At risk since the month before" }];
  const ratios = [
    ["quickRatio", "Quick ratio"],
    ["curr", "Current who came back, %"],
    ["nurr", "New who came back, %"],
  ] as const;
  const bounds = (of: Ratio) => [of.value, of.low, of.high];
  return {
    caption: `Growth by ${unit}`,
    isByTime: true,
    columns: [
      unit === "week" ? "Week of" : "Day",
      ...counts.flatMap(({ name }) => [name, `${name}: low`, `${name}: high`]),
      ...ratios.flatMap(([, name]) => [name, `${name}: low`, `${name}: high`]),
      "Note",
    ],
    rows: rows.map((row) => [
      row.period,
      ...counts.flatMap(({ row: state }) => [row[state].count, row[state].low, row[state].high]),
      ...ratios.flatMap(([name]) => bounds(row[name])),
      row.quickRatio.reason ?? row.current.reason ?? "",
    ]),
  };
}
