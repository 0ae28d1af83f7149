import { useContext, useState } from "preact/hooks";
import type { ActiveAnswer, CountedGroup, WindowRow } from "../../../sdk/answers.ts";
import { ChartPanel } from "../chart-panel.tsx";
import { Segmented, windowChoices } from "../controls.tsx";
import { instant, interval, number, percent } from "../format.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { splitMetric } from "../view-questions.ts";
import { daysOf, figureOf, sinceKnown } from "./series.ts";
import { usePoints } from "./use-points.ts";

const hues = ["--accent", "--orange", "--green", "--violet", "--ochre"];
const shownRows = 6;

/** Who they are, by a dimension that the app declares. */
export function SplitPanel() {
  const { view, setView, facts, appZone, zone, isShared } = useContext(SessionContext);
  const dimensions = facts?.dimensions ?? [];
  const dimension = dimensions.find((name) => name === view.by) ?? dimensions[0];
  const whyUnfilled = facts?.unfilled?.find((unfilled) => unfilled.dimension === dimension)?.reason;
  const hasNone = facts !== null && dimension === undefined;
  const now = useQuery<ActiveAnswer>(
    dimension === undefined ? null : pathOf("/v1/active", { window: view.window, by: dimension }, null),
    30_000,
  );
  const metric = splitMetric[view.window];
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
  const points = sinceKnown(asked[0]?.data?.points);

  return (
    <ChartPanel
      title="Who they are"
      class="wide"
      queries={hasNone ? [] : [now, ...asked]}
      blank={
        hasNone
          ? "This app declares no dimensions. Declare up to eight in its settings, such as platform or tenant, and send their values with each heartbeat."
          : (row?.reason ??
            (groups.length === 0 && row !== undefined
              ? `Nobody sent a ${dimension} in this window${whyUnfilled === undefined ? "" : `: ${whyUnfilled}`}.`
              : null))
      }
      about={
        row === undefined
          ? "Active people by a dimension."
          : `Since ${instant(row.from, zone)}. Shares are of everyone active since then; people seen with two values count in both. ${isShared ? "" : view.only === null ? "Choose a value to filter the page by it." : `This panel still shows everyone: people are counted by one dimension at a time, so the filter by ${view.only.dimension} can’t be combined with this one. Choosing a value here replaces the filter.`}`
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
      subject={`Active people by ${dimension}`}
      places={daysOf(points, appZone, zone)}
      series={names.map((name, index) => {
        const { data, isStale } = trends[index] as (typeof trends)[number];
        const on = new Map(isStale ? [] : data?.points.map((point) => [point.date, figureOf(point)]));
        return {
          name,
          colour: hues[index] as string,
          kind: "line",
          // Bands of five lines would hide each other.
          figures: points.map(({ date }) => ({ value: on.get(date)?.value ?? null })),
        };
      })}
      beside={<Values groups={groups} row={row} dimension={dimension ?? ""} />}
    />
  );
}

/** The values of a dimension, each with its share; the page can be narrowed to one. */
function Values(props: { groups: readonly CountedGroup[]; row: WindowRow | undefined; dimension: string }) {
  const { groups, row, dimension } = props;
  const { view, setView, isShared } = useContext(SessionContext);
  const [showsAll, setShowsAll] = useState(false);
  return (
    <ul class="split-list">
      {(showsAll ? groups : groups.slice(0, shownRows)).map((group, index) => {
        const isChosen = view.only?.dimension === dimension && view.only?.value === group.value;
        const colour = `var(${hues[index] ?? "--muted"})`;
        const part = share(group.count, row);
        return (
          <li key={group.value}>
            <button
              type="button"
              class="split-row"
              disabled={isShared}
              aria-pressed={isChosen}
              onClick={() => setView({ only: isChosen ? null : { dimension, value: group.value } })}
            >
              <span class="split-name" title={group.value}>
                <i class="dot" style={{ background: colour }} />
                {group.value}
              </span>
              <b>{number(group.count)}</b>
              <span class="split-share">{percent(part)}</span>
              {group.low !== group.high && <span class="split-note">{interval(group)}</span>}
              <i class="split-bar" style={{ width: `${part ?? 0}%`, background: colour }} />
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
  );
}

function share(count: number | null, total: WindowRow | undefined): number | null {
  return count === null || !total?.count ? null : Math.round((count / total.count) * 1000) / 10;
}
