import type { ComponentChildren } from "preact";
import { useContext, useId, useState } from "preact/hooks";
import type { AskProblem } from "./api.ts";
import { save } from "./download.ts";
import { SessionContext } from "./session-context.ts";
import { FigureTable } from "./table.tsx";
import { csvOf, type TableModel } from "./table-model.ts";
import type { Query } from "./use-query.ts";

/** What a panel has around what it shows. */
export interface PanelFrame {
  title: string;
  /** What is shown, in a sentence. */
  about: ComponentChildren;
  controls?: ComponentChildren;
  queries: readonly Query<unknown>[];
  /** Says in words why there is nothing to show, where there isn't. */
  blank: string | null;
  class?: string;
}

interface PanelProps extends PanelFrame {
  table: TableModel;
  /** Makes the picture to download. */
  picture: () => Promise<Blob>;
  children: ComponentChildren;
}

/** A panel's frame: title, controls, what goes wrong, the table behind the chart, and downloads. */
export function Panel(props: PanelProps) {
  const { title, about, controls, queries, table, picture, blank, children } = props;
  const { app, isShared } = useContext(SessionContext);
  const [showsTable, setShowsTable] = useState(false);
  const id = useId();
  const isLoading = queries.some(({ data, problem }) => data === null && problem === null);
  const failed = queries.find(({ problem }) => problem !== null);
  const isMissing = queries.some(({ data, problem }) => data === null && problem !== null);
  const isStale = queries.some((query) => query.isStale && query.data !== null);
  const file = `${app}-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const isReady = !isLoading && !isMissing && blank === null;

  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={id} aria-busy={isLoading || isStale}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        <div class="panel-controls">{!isShared && controls}</div>
      </header>
      <div class={`panel-body${isStale ? " is-stale" : ""}`}>
        {isMissing && failed?.complaint ? (
          <Failure problem={failed.complaint} retry={failed.retry} />
        ) : isMissing ? (
          <p class="blank">Not loaded.</p>
        ) : isLoading ? (
          <Skeleton />
        ) : blank !== null ? (
          <p class="blank">{blank}</p>
        ) : (
          <>
            {showsTable ? null : children}
            <FigureTable model={table} isShown={showsTable} />
          </>
        )}
        {!isMissing && failed?.complaint && (
          <p class="notice" role="status">
            Not up to date: {failed.complaint.message}{" "}
            <button class="link" type="button" onClick={failed.retry}>
              Try again
            </button>
          </p>
        )}
      </div>
      <footer class="panel-foot">
        <p>{about}</p>
        <div class="panel-actions">
          <button
            type="button"
            aria-pressed={showsTable}
            disabled={!isReady}
            onClick={() => setShowsTable(!showsTable)}
          >
            Table<span class="unseen"> of {title}</span>
          </button>
          <button
            type="button"
            disabled={!isReady}
            onClick={() => save(`${file}.csv`, new Blob([csvOf(table)], { type: "text/csv" }))}
          >
            CSV<span class="unseen"> of {title}</span>
          </button>
          <button
            type="button"
            disabled={!isReady || showsTable}
            onClick={() => void picture().then((blob) => save(`${file}.png`, blob))}
          >
            PNG<span class="unseen"> of {title}</span>
          </button>
        </div>
      </footer>
    </section>
  );
}

/** Says what went wrong and what to do. */
export function Failure({ problem, retry }: { problem: AskProblem; retry: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>
        <b>{problem.message}</b>
        <br />
        {problem.remedy}
      </p>
      <button class="button" type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Holds the room of what is on its way. */
function Skeleton() {
  return (
    <div class="skeleton">
      <span class="unseen">Loading</span>
    </div>
  );
}
