import { useContext, useRef } from "preact/hooks";
import type { OnlineAnswer } from "../../../sdk/answers.ts";
import { Spark } from "../charts/spark.tsx";
import { clock, number } from "../format.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { CardNote } from "./card-note.tsx";

const refreshMs = 5000;
/** Answers that the line holds: about ten minutes. */
const heldAnswers = 120;

/** Who is here now, as it changes. */
export function OnlineCard() {
  const { view, zone } = useContext(SessionContext);
  const path = pathOf("/v1/online", {}, view.only);
  const query = useQuery<OnlineAnswer>(path, refreshMs);
  const seen = useRef<{ path: string; at: string; counts: (number | null)[] }>({ path, at: "", counts: [] });
  const { data } = query;
  const row = data?.windows[0];
  if (seen.current.path !== path) seen.current = { path, at: "", counts: [] };
  if (data !== null && !query.isStale && seen.current.at !== data.at) {
    seen.current = {
      path,
      at: data.at,
      counts: [...seen.current.counts, row?.count ?? null].slice(-heldAnswers),
    };
  }
  const isLoading = row === undefined && query.problem === null;
  return (
    <section class="card online" aria-label="People online" aria-busy={isLoading}>
      <h2>
        Online now <i class={`pulse${query.problem === null ? "" : " is-off"}`} aria-hidden="true" />
      </h2>
      {isLoading ? <p class="figure skeleton-text" /> : <p class="figure">{number(row?.count)}</p>}
      <CardNote row={row} />
      <p class="card-change">
        {query.problem !== null
          ? query.complaint?.message
          : data === null
            ? ""
            : // Sockets are of the whole app, whatever the filter.
              `last 5 minutes${!data.sockets || view.only !== null ? "" : `, ${number(data.sockets)} sockets`}`}
      </p>
      <Spark values={seen.current.counts} places={heldAnswers} />
      <p class="unseen">{data === null ? "" : `as of ${clock(data.at, zone)}`}</p>
    </section>
  );
}
