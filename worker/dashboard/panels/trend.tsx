import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { View } from "../view.ts";
import type { PointRow } from "../../../sdk/answers.ts";
import { Chart } from "../charts/chart.tsx";
import { metricChoices, Segmented } from "../controls.tsx";
import { pictureOf } from "../download.ts";
import { compact, interval, number } from "../format.ts";
import { Panel } from "../panel.tsx";
import { Readout } from "../readout.tsx";
import { SessionContext } from "../session-context.ts";
import { dayInWords, openFrom, restingPlace, sinceKnown } from "./series.ts";
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
  const { view, setView, facts, zone } = useContext(SessionContext);
  const query = usePoints(view.metric);
  const [cursor, setCursor] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const name = names[view.metric];
  const points = useMemo(() => sinceKnown(query.data?.points ?? []), [query.data]);
  const spec = useMemo(
    () => ({
      dates: points.map(({ date }) => date),
      series: [
        {
          name,
          colour: "--accent",
          kind: "line" as const,
          values: points.map(({ count }) => count ?? null),
          low: points.map(({ low }) => low ?? null),
          high: points.map(({ high }) => high ?? null),
          openFrom: openFrom(points),
        },
      ],
      axis: compact,
    }),
    [points, name],
  );
  const when = (point: PointRow) => dayInWords(point, facts?.timeZone ?? zone, zone);
  const read = points[cursor ?? restingPlace(points)];

  return (
    <Panel
      title="Active people"
      class="wide"
      queries={[query]}
      blank={
        points.some(({ count }) => count != null) ? null : (points.at(-1)?.reason ?? "Nothing is known yet.")
      }
      about={`People who were there ${spans[view.metric]}, each counted once. The band holds the truth in 95 of 100 cases; where there is none the figure is exact. Dashed: the day isn't over.`}
      controls={
        <Segmented
          label="Metric"
          name="metric"
          choices={metricChoices}
          value={view.metric}
          onChange={(metric) => setView({ metric })}
        />
      }
      table={{
        caption: `${name} people by day`,
        columns: ["Day", name, "Low", "High", "Note"],
        rows: points.map((point) => [
          point.date,
          point.count ?? null,
          point.low ?? null,
          point.high ?? null,
          point.reason ?? (point.closed ? "" : "so far"),
        ]),
      }}
      picture={async () =>
        pictureOf(canvas.current as HTMLCanvasElement, `${name} people`, [[name, "--accent"]])
      }
    >
      <Readout
        when={read === undefined ? "" : when(read)}
        items={[
          {
            name,
            colour: "--accent",
            value: number(read?.count),
            note: read?.reason ?? interval(read ?? {}),
          },
        ]}
      />
      <Chart
        label={`${name} people, ${points.length} days`}
        spec={spec}
        canvas={canvas}
        onCursor={setCursor}
        describe={(index) => {
          const point = points[index] as PointRow;
          return `${when(point)}: ${point.count == null ? (point.reason ?? "not known") : `${number(point.count)}, ${interval(point)}`}`;
        }}
      />
    </Panel>
  );
}
