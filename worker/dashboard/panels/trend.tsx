import { useContext } from "preact/hooks";
import { ChartPanel } from "../chart-panel.tsx";
import { metricChoices, Segmented } from "../controls.tsx";
import { SessionContext } from "../session-context.ts";
import type { View } from "../view.ts";
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

/** Active people over time, with the interval as a band. */
export function TrendPanel() {
  const { view, setView, appZone, zone } = useContext(SessionContext);
  const query = usePoints(view.metric);
  const name = names[view.metric];
  const points = sinceKnown(query.data?.points);
  return (
    <ChartPanel
      title="Active people"
      class="wide"
      queries={[query]}
      blank={
        points.some(({ count }) => count != null) ? null : (points.at(-1)?.reason ?? "Nothing is known yet.")
      }
      about={`People who were there ${spans[view.metric]}, each counted once. The band is the 95 % interval: it holds the true number in 95 of 100 cases. Where there is no band the figure is exact. Dashed: the day isn't over.`}
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
      series={[{ name, colour: "--accent", kind: "line", figures: points.map(figureOf) }]}
    />
  );
}
