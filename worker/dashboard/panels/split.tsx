import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { ActiveAnswer, PointRow, WindowRow } from "../../../sdk/answers.ts";
import { Chart } from "../charts/chart.tsx";
import { Segmented, windowChoices } from "../controls.tsx";
import { pictureOf } from "../download.ts";
import { compact, instant, interval, number, percent } from "../format.ts";
import { Panel } from "../panel.tsx";
import { Readout } from "../readout.tsx";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { dayInWords, openFrom, restingPlace, sinceKnown } from "./series.ts";
import { usePoints } from "./use-points.ts";

const hues = ["--accent", "--orange", "--green", "--violet", "--ochre"];
const shownRows = 6;
const metricOf = { "24h": "dau", "7d": "wau", "30d": "mau" } as const;

/** Who they are, by a dimension that the app declares. */
export function SplitPanel() {
  const { view, setView, facts, zone } = useContext(SessionContext);
  const dimensions = facts?.dimensions ?? [];
  const dimension = dimensions.find((name) => name === view.by) ?? dimensions[0];
  const now = useQuery<ActiveAnswer>(
    dimension === undefined ? null : `/v1/active?window=${view.window}&by=${dimension}`,
    30_000,
  );
  const metric = metricOf[view.window];
  const [cursor, setCursor] = useState<number | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);

  const row = now.data?.windows[0];
  const groups = row?.groups ?? [];
  const names = groups.slice(0, hues.length).map(({ value }) => value);
  // The largest, each by itself: a dimension may have a thousand values, whose trends nobody could read.
  const trends = hues.map((_, index) => {
    const value = names[index];
    const isAsked = dimension !== undefined && value !== undefined && !now.isStale;
    return usePoints(isAsked ? metric : null, isAsked ? { only: { dimension, value } } : {});
  });
  const asked = trends.slice(0, names.length);
  const points = useMemo(() => sinceKnown(asked[0]?.data?.points ?? []), [asked[0]?.data]);
  const spec = useMemo(() => {
    const counts = asked.map(({ data, isStale }) => new Map(isStale ? [] : data?.points.map(countOn)));
    return {
      dates: points.map(({ date }) => date),
      series: names.map((name, index) => ({
        name,
        colour: hues[index] as string,
        kind: "line" as const,
        values: points.map(({ date }) => counts[index]?.get(date) ?? null),
        openFrom: openFrom(points),
      })),
      axis: compact,
    };
  }, [points, names.join("\n"), ...trends.map(({ data, isStale }) => !isStale && data)]);
  const when = (point: PointRow) => dayInWords(point, facts?.timeZone ?? zone, zone);
  const place = cursor ?? restingPlace(points);
  const read = points[place];
  const shown = showsAll ? groups : groups.slice(0, shownRows);

  return (
    <Panel
      title="Who they are"
      class="wide"
      queries={dimension === undefined ? [] : [now, ...asked]}
      blank={
        dimension === undefined
          ? "This app declares no dimension yet. Name up to eight in its settings, such as platform or tenant, and send them with beats."
          : (row?.reason ??
            (groups.length === 0 && row !== undefined
              ? "Nobody was seen with a value of it in this window."
              : null))
      }
      about={
        row === undefined
          ? "Everybody by a dimension."
          : `Since ${instant(row.from, zone)}. Shares are of everybody in the window; who was seen with two values is in both. Choose one to narrow the whole page to it.`
      }
      controls={
        <>
          {dimensions.length > 1 && (
            <label class="select">
              <span class="unseen">Dimension</span>
              <select value={dimension} onChange={(event) => setView({ by: event.currentTarget.value })}>
                {dimensions.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )}
          <Segmented
            label="Window of the split"
            name="window"
            choices={windowChoices}
            value={view.window}
            onChange={(window) => setView({ window })}
          />
        </>
      }
      table={{
        caption: `Active people by ${dimension ?? "dimension"}, last ${view.window}`,
        columns: [dimension ?? "Value", "People", "Low", "High", "Share, %"],
        rows: groups.map(({ value, count, low, high }) => [value, count, low, high, share(count, row)]),
      }}
      picture={async () =>
        pictureOf(
          canvas.current as HTMLCanvasElement,
          `Active people by ${dimension}`,
          names.map((name, index) => [name, hues[index] as string]),
        )
      }
    >
      <div class="split">
        <ul class="split-list">
          {shown.map((group, index) => {
            const isChosen = view.only?.dimension === dimension && view.only?.value === group.value;
            return (
              <li key={group.value}>
                <button
                  type="button"
                  class="split-row"
                  aria-pressed={isChosen}
                  onClick={() =>
                    setView({
                      only: isChosen ? null : { dimension: dimension as string, value: group.value },
                    })
                  }
                >
                  <span class="split-name">
                    <i class="dot" style={{ background: `var(${hues[index] ?? "--muted"})` }} />
                    {group.value}
                  </span>
                  <b>{number(group.count)}</b>
                  <span class="split-share">{percent(share(group.count, row))}</span>
                  {group.low !== group.high && <span class="split-note">{interval(group)}</span>}
                  <i
                    class="split-bar"
                    style={{
                      width: `${share(group.count, row) ?? 0}%`,
                      background: `var(${hues[index] ?? "--muted"})`,
                    }}
                  />
                </button>
              </li>
            );
          })}
          {groups.length > shownRows && (
            <li>
              <button type="button" class="link" onClick={() => setShowsAll(!showsAll)}>
                {showsAll ? "Show fewer" : `Show all ${groups.length}`}
              </button>
            </li>
          )}
        </ul>
        <div class="split-chart">
          <Readout
            when={read === undefined ? "" : when(read)}
            items={names.map((name, index) => ({
              name,
              colour: hues[index] as string,
              value: number(spec.series[index]?.values[place]),
            }))}
          />
          <Chart
            label={`Active people by ${dimension}`}
            spec={spec}
            canvas={canvas}
            onCursor={setCursor}
            describe={(index) => {
              const point = points[index] as PointRow;
              const said = spec.series.map(({ name, values }) => `${name} ${number(values[index])}`);
              return `${when(point)}: ${said.join(", ")}`;
            }}
          />
        </div>
      </div>
    </Panel>
  );
}

function countOn({ date, count }: PointRow): [string, number | null] {
  return [date, count ?? null];
}

function share(count: number | null, total: WindowRow | undefined): number | null {
  return count === null || !total?.count ? null : Math.round((count / total.count) * 1000) / 10;
}
