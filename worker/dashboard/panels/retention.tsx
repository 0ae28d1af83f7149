import { useContext, useMemo } from "preact/hooks";
import type { CohortRow, RetentionAnswer } from "../../../sdk/answers.ts";
import { heatMapPicture } from "../charts/heat-map-picture.ts";
import { intervalChoices, Segmented } from "../controls.tsx";
import { day, number } from "../format.ts";
import { Panel } from "../panel.tsx";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { cohortsShown } from "../view-questions.ts";
import { figureOf } from "./series.ts";
import { whyUntold } from "./why-untold.ts";

/** How many of those who came first in a period came back in the ones after it. */
export function RetentionPanel() {
  const { view, setView, firstDate } = useContext(SessionContext);
  const unit = view.interval;
  const query = useQuery<RetentionAnswer>(
    pathOf("/v1/retention", { interval: unit, cohorts: cohortsShown[unit] }, view.only),
    120_000,
  );
  const cohorts = useMemo(
    // Of people who appeared before anything was counted, only those who stayed are known.
    () =>
      (query.data?.cohorts ?? []).filter(
        ({ cohort, size, periods: [own] }) =>
          size.count && own?.count != null && (cohort >= firstDate || own.rate === 100),
      ),
    [query.data, firstDate],
  );
  const untold = whyUntold(
    (query.data?.cohorts ?? []).map(({ size, followed }) => ({ figure: figureOf(size), followed })),
  );
  const places = Math.max(0, ...cohorts.map(({ periods }) => periods.length));
  const columns = Array.from(
    { length: places },
    (_, place) => `${unit === "week" ? "Week" : "Day"} ${place}`,
  );

  return (
    <Panel
      title="Retention"
      class="tall"
      queries={[query]}
      blank={
        cohorts.length === 0
          ? (untold ?? `No new people are known in these ${unit}s.`)
          : places < 2
            ? `Retention can be shown from the second ${unit} on.`
            : null
      }
      controls={
        <Segmented
          label="Interval of retention and life cycle"
          name="retention-interval"
          choices={intervalChoices}
          value={unit}
          onChange={(interval) => setView({ interval })}
        />
      }
      about={`New people of each ${unit}, and the percentage of them who were active in each ${unit} after it. Italics: the ${unit} isn't over.`}
      table={{
        caption: `Retention by ${unit}, in per cent`,
        isByTime: true,
        columns: [unit === "week" ? "Week of" : "First day", "People", ...columns],
        rows: cohorts.map(({ cohort, size, periods }) => [
          cohort,
          size.count,
          ...columns.map((_, place) => periods[place]?.rate ?? (place < periods.length ? null : "")),
        ]),
      }}
      picture={() => heatMapPicture(`Retention by ${unit}`, columns, cohorts)}
    >
      <div class="heat-box" aria-hidden="true">
        <table class="heat">
          <thead>
            <tr>
              <th>{unit === "week" ? "Week of" : "First day"}</th>
              <th>People</th>
              {columns.map((_, place) => (
                <th key={place}>{place}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cohorts.map((row) => (
              <HeatRow key={row.cohort} row={row} unit={unit} places={places} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function HeatRow({ row, unit, places }: { row: CohortRow; unit: string; places: number }) {
  const { cohort, size, periods } = row;
  return (
    <tr>
      <th>{day(cohort)}</th>
      <td class="heat-size">{number(size.count)}</td>
      {Array.from({ length: places }, (_, place) => {
        const period = periods[place];
        if (period === undefined) return <td key={place} />;
        const isRunning = place === periods.length - 1;
        const said =
          period.count === null
            ? (period.reason ?? "not known")
            : `${number(period.count)} of ${number(size.count)}, ${unit} ${place}${isRunning ? ", so far" : ""}`;
        return (
          <td
            key={place}
            title={said}
            class={`heat-cell${isRunning ? " is-running" : ""}`}
            data-heat={period.rate === null ? "" : Math.min(9, Math.floor(period.rate / 10))}
          >
            {period.rate === null ? "–" : Math.round(period.rate)}
          </td>
        );
      })}
    </tr>
  );
}
