import { useContext } from "preact/hooks";
import { ChartPanel } from "../chart-panel.tsx";
import { metricChoices, Segmented } from "../controls.tsx";
import { day, dayAfter, daysBetween } from "../format.ts";
import { type Comparison, comparedFrom, datesOf, todayIn } from "../period.ts";
import { SessionContext } from "../session-context.ts";
import type { TableModel } from "../table-model.ts";
import type { View } from "../view.ts";
import { averagesOf, changeOf, type Pair, pairUp } from "./compare.ts";
import { daysOf, figureOf, sinceKnown } from "./series.ts";
import { usePoints } from "./use-points.ts";

const names: Record<View["metric"], string> = {
  dau: "Daily active",
  wau: "Weekly active",
  mau: "Monthly active",
};
const spans: Record<View["metric"], string> = {
  dau: "on each day",
  wau: "in the 7 days that end with each day",
  mau: "in the 30 days that end with each day",
};

/** Active people over time, with the interval as a band, and beside them those of another period. */
export function TrendPanel() {
  const { view, setView, appZone, zone } = useContext(SessionContext);
  const query = usePoints(view.metric);
  const today = todayIn(appZone);
  const dates = datesOf(view.range, today);
  const from = comparedFrom(view.range, view.compare ?? "previous", today);
  const to = dayAfter(from, daysBetween(dates.from, dates.to));
  const others = usePoints(view.compare === null ? null : view.metric, { dates: { from, to } });
  const name = names[view.metric];
  const points = sinceKnown(query.data?.points);
  const pairs = view.compare === null ? null : pairUp(points, others.data?.points ?? [], dates, from);
  return (
    <ChartPanel
      title="Active people"
      class="wide"
      queries={pairs === null ? [query] : [query, others]}
      blank={
        points.some(({ count }) => count != null)
          ? null
          : (points.at(-1)?.reason ?? "There are no figures yet.")
      }
      about={`People who were active ${spans[view.metric]}, each counted once. The band is the 95 % interval: in 95 of 100 cases it contains the true number. Where there is no band, the count is exact. A dashed line means that the day isn't over.`}
      controls={
        <Segmented
          label="Metric"
          name="metric"
          choices={metricChoices}
          value={view.metric}
          onChange={(metric) => setView({ metric })}
        />
      }
      subject={`${name} people`}
      places={daysOf(points, appZone, zone)}
      series={[
        {
          name,
          colour: "--accent",
          kind: "line",
          figures: points.map(figureOf),
          ...(pairs !== null && { note: (index) => changeOf(pairs[index]) }),
        },
        ...(pairs === null
          ? []
          : [
              {
                name: nameOf(view.compare),
                colour: "--muted",
                kind: "line" as const,
                figures: pairs.map(({ other }) => figureOf(other ?? { reason: "no such day" })),
                note: (index: number) => {
                  const date = pairs[index]?.other?.date;
                  return date === undefined ? "" : day(date);
                },
              },
            ]),
      ]}
      {...(pairs !== null && { remark: averagesOf(pairs), table: tableOf(name, pairs) })}
    />
  );
}

function nameOf(comparison: Comparison | null): string {
  if (comparison === "year") return "A year before";
  if (comparison === "weekdays") return "Same weekdays before";
  return comparison === "previous" ? "Previous period" : "Chosen period";
}

function tableOf(name: string, pairs: readonly Pair[]): TableModel {
  return {
    caption: `${name} people, and those of the period it is compared with`,
    isByTime: true,
    columns: ["Day", name, "Low", "High", "Compared day", "Its count", "Its low", "Its high", "Note"],
    rows: pairs.map(({ point, other }) => [
      point.date,
      point.count ?? null,
      point.low ?? null,
      point.high ?? null,
      other?.date ?? null,
      other?.count ?? null,
      other?.low ?? null,
      other?.high ?? null,
      [point.closed ? "" : "so far", point.reason, other?.reason].filter(Boolean).join("; "),
    ]),
  };
}
