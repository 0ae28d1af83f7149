import { useContext } from "preact/hooks";
import type { EngagementAnswer, EngagementRow, RatioRow } from "../../../sdk/answers.ts";
import { Spark } from "../charts/spark.tsx";
import { change, instant, interval, number, unknown } from "../format.ts";
import { Failure } from "../panel.tsx";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";
import { OnlineCard } from "./online.tsx";
import { usePoints } from "./use-points.ts";

const cards = [
  { metric: "dau", title: "Last 24 hours", short: "DAU", before: "prev. 24 h" },
  { metric: "wau", title: "Last 7 days", short: "WAU", before: "prev. 7 d" },
  { metric: "mau", title: "Last 30 days", short: "MAU", before: "prev. 30 d" },
] as const;
const sparkDays = 30;

/** How many there are: now, in a day, in a week, in a month. */
export function Headline() {
  const { view } = useContext(SessionContext);
  const filter =
    view.only === null ? "" : `?${new URLSearchParams({ [view.only.dimension]: view.only.value })}`;
  const query = useQuery<EngagementAnswer>(`/v1/engagement${filter}`, 15_000);
  if (query.data === null && query.problem !== null) {
    return (
      <div class="card headline-failure">
        <Failure message={query.problem.message} remedy={query.problem.remedy} retry={query.retry} />
      </div>
    );
  }
  return (
    <div class={`headline${query.isStale && query.data ? " is-stale" : ""}`}>
      <OnlineCard />
      {cards.map((card) => (
        <ActiveCard key={card.metric} {...card} query={query} />
      ))}
    </div>
  );
}

function ActiveCard(props: {
  metric: "dau" | "wau" | "mau";
  title: string;
  short: string;
  before: string;
  query: Query<EngagementAnswer>;
}) {
  const { metric, title, short, before, query } = props;
  const { zone } = useContext(SessionContext);
  const trend = usePoints(metric, { days: sparkDays });
  const row = query.data?.metrics.find((one): one is EngagementRow => one.metric === metric);
  return (
    <section class="card" aria-label={`${title}: ${short}`} aria-busy={row === undefined}>
      <h2>
        {title} <abbr title={`${title}, rolling`}>{short}</abbr>
      </h2>
      {row === undefined ? (
        <p class="figure skeleton-text" />
      ) : (
        <p class="figure" title={`${instant(row.from, zone)} – ${instant(row.to, zone)}`}>
          {number(row.count)}
        </p>
      )}
      <p class="card-note" title={row?.reason}>
        {row === undefined ? "" : (row.reason ?? interval(row))}
      </p>
      <p class="card-change">{row === undefined ? "" : <Growth row={row} before={before} />}</p>
      <Spark
        values={(trend.data?.points ?? []).filter(({ closed }) => closed).map(({ count }) => count ?? null)}
      />
    </section>
  );
}

function Growth({ row, before }: { row: EngagementRow | RatioRow; before: string }) {
  if (row.growth === null) {
    return <span>{typeof row.previous === "object" ? (row.previous?.reason ?? unknown) : unknown}</span>;
  }
  const trend = row.growth > 0 ? "up" : row.growth < 0 ? "down" : "level";
  return (
    <>
      <b class={`growth ${trend}`}>{change(row.growth)}</b> vs {before}
    </>
  );
}
