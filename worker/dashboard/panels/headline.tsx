import { useContext } from "preact/hooks";
import type { EngagementAnswer, EngagementRow, RatioRow } from "../../../sdk/answers.ts";
import { Spark } from "../charts/spark.tsx";
import { change, instant, number, unknown } from "../format.ts";
import { Failure } from "../panel.tsx";
import { datesOf, todayIn } from "../period.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";
import { sparkDays } from "../view-questions.ts";
import { CardNote } from "./card-note.tsx";
import { OnlineCard } from "./online.tsx";
import { usePoints } from "./use-points.ts";

const cards = [
  { metric: "dau", title: "Last 24 hours", short: "DAU", before: "prev. 24 h" },
  { metric: "wau", title: "Last 7 days", short: "WAU", before: "prev. 7 d" },
  { metric: "mau", title: "Last 30 days", short: "MAU", before: "prev. 30 d" },
] as const;

/** How many there are: now, in a day, in a week, in a month. */
export function Headline() {
  const { view } = useContext(SessionContext);
  const query = useQuery<EngagementAnswer>(pathOf("/v1/engagement", {}, view.only), 15_000);
  if (query.data === null && query.complaint !== null) {
    return (
      <div class="card headline-failure">
        <Failure problem={query.complaint} retry={query.retry} />
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
  const { appZone, zone } = useContext(SessionContext);
  const trend = usePoints(metric, { dates: datesOf(sparkDays, todayIn(appZone)) });
  const row = query.data?.metrics.find((one): one is EngagementRow => one.metric === metric);
  const isLoading = row === undefined && query.problem === null;
  return (
    <section class="card" aria-label={`${title}: ${short}`} aria-busy={isLoading}>
      <h2>
        {title} <abbr title={`${title}, rolling`}>{short}</abbr>
      </h2>
      {isLoading ? (
        <p class="figure skeleton-text" />
      ) : (
        <p class="figure" title={row && `${instant(row.from, zone)} – ${instant(row.to, zone)}`}>
          {number(row?.count)}
        </p>
      )}
      <CardNote row={row} />
      <p class="card-change">{row === undefined ? "" : <Growth row={row} before={before} />}</p>
      <Spark
        places={sparkDays - 1}
        values={(trend.data?.points ?? []).filter(({ closed }) => closed).map(({ count }) => count ?? null)}
      />
    </section>
  );
}

function Growth({ row, before }: { row: EngagementRow | RatioRow; before: string }) {
  if (row.growth === null) {
    const reason = typeof row.previous === "object" ? row.previous?.reason : undefined;
    return <span title={reason}>{reason === undefined ? unknown : "no earlier figure"}</span>;
  }
  const trend = row.growth > 0 ? "up" : row.growth < 0 ? "down" : "level";
  return (
    <>
      <b class={`growth ${trend}`}>{change(row.growth)}</b> vs {before}
    </>
  );
}
