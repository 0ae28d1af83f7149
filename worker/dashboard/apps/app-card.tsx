import { useContext, useEffect, useMemo, useRef } from "preact/hooks";
import type { ActiveAnswer, Count, TimeseriesAnswer, WindowRow } from "../../../sdk/answers.ts";
import type { AskProblem } from "../api.ts";
import { Spark } from "../charts/spark.tsx";
import { dateDaysAgo, interval, number } from "../format.ts";
import { pathOf } from "../question.ts";
import { useReadKey } from "../read-key.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { sparkDays } from "../view-questions.ts";
import { viewOfApp, writeView } from "../view.ts";
import type { Figures } from "./order.ts";
import { useSeen } from "./use-seen.ts";

const refreshMs = 60_000;
const trendRefreshMs = 30 * 60_000;

const labels = [
  ["online", "Online", "Last 5 minutes"],
  ["dau", "DAU", "Last 24 hours"],
  ["wau", "WAU", "Last 7 days"],
  ["mau", "MAU", "Last 30 days"],
] as const;

interface AppCardProps {
  app: string;
  /** The key that the reader has for it; null where the service's secret opens it. */
  own: string | null;
  secret: string | null;
  /** Its row of the service's list; where there is none, the card asks for it. */
  listed: Figures | null;
  isHidden: boolean;
  /** Is told what is known of the app; null where it can't be read. */
  learn: (app: string, figures: Figures | null) => void;
  remove: (app: string) => void;
}

/** An app in the list of apps: its figures, its trend, and the way to its page. */
export function AppCard(props: AppCardProps) {
  const { app, own, secret, isHidden } = props;
  const page = useContext(SessionContext);
  const { key, problem, refuse } = useReadKey(app, own, secret);
  const session = useMemo(() => ({ ...page, app, key: key ?? "", refuse }), [page, app, key, refuse]);
  const item = useRef<HTMLLIElement>(null);
  const isSeen = useSeen(item);
  return (
    <li ref={item} class="card app-card" hidden={isHidden} aria-labelledby={`app-${app}`}>
      <SessionContext.Provider value={session}>
        <Contents
          {...props}
          whyUnread={problem}
          isReadable={key !== null && problem === null}
          isSeen={isSeen}
        />
      </SessionContext.Provider>
    </li>
  );
}

function Contents(
  props: AppCardProps & { whyUnread: AskProblem | null; isReadable: boolean; isSeen: boolean },
) {
  const { app, own, secret, listed, learn, remove, whyUnread, isReadable, isSeen } = props;
  const { view, setView } = useContext(SessionContext);
  const active = useQuery<ActiveAnswer>(
    isReadable && secret === null ? "/v1/active?window=5m,24h,7d,30d" : null,
    refreshMs,
    isSeen,
  );
  const wasSeen = useRef(false);
  wasSeen.current ||= isSeen;
  const from = dateDaysAgo(sparkDays, "UTC");
  const trend = useQuery<TimeseriesAnswer>(
    isReadable && wasSeen.current ? pathOf("/v1/timeseries", { metric: "dau", from }, null) : null,
    trendRefreshMs,
    isSeen,
  );
  const isRefused = whyUnread?.isKey === true;
  const figures = listed ?? (isRefused ? null : figuresOf(active.data));
  const isKnown = figures !== null || isRefused || active.problem !== null;
  useEffect(() => {
    if (isKnown) learn(app, figures);
  }, [isKnown, isRefused, active.data, listed]);
  const open = viewOfApp(app);
  return (
    <>
      <header>
        <h2 id={`app-${app}`}>
          {whyUnread !== null ? (
            app
          ) : (
            <a
              href={writeView({ ...view, ...open })}
              onClick={(event) => {
                // With these the reader wants another tab or window.
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                setView(open);
              }}
            >
              {app}
            </a>
          )}
        </h2>
        {own !== null && (
          <button type="button" class="quiet app-remove" title="Remove" onClick={() => remove(app)}>
            <span aria-hidden="true">×</span>
            <span class="unseen">Remove {app}</span>
          </button>
        )}
      </header>
      {isRefused ? (
        <p class="app-trouble">{whyUnread.message} Add the app’s new key, or remove the app.</p>
      ) : (
        <>
          <dl class={isKnown ? "" : "is-stale"} aria-busy={!isKnown}>
            {labels.map(([name, label, span]) => (
              <div key={name} title={noteOf(span, figures?.[name])}>
                <dt>
                  <abbr title={span}>{label}</abbr>
                </dt>
                <dd>{number(figures?.[name].count)}</dd>
              </div>
            ))}
          </dl>
          <p class="app-note">{active.complaint?.message ?? figures?.mau.reason ?? whyUnread?.message}</p>
          <Spark
            places={sparkDays}
            values={(trend.data?.points ?? [])
              .filter(({ closed }) => closed)
              .map(({ count }) => count ?? null)}
          />
        </>
      )}
    </>
  );
}

function noteOf(span: string, count: Count | undefined): string {
  return count === undefined ? span : `${span}: ${count.reason ?? interval(count)}`;
}

/** The figures of an answer about the four windows that a card shows. */
function figuresOf(answer: ActiveAnswer | null): Figures | null {
  const [online, dau, wau, mau] = answer?.windows.map(countOf) ?? [];
  return online && dau && wau && mau ? { online, dau, wau, mau } : null;
}

function countOf({ count, low, high, reason = "" }: WindowRow): Count {
  return count === null || low === null || high === null
    ? { count: null, low: null, high: null, reason }
    : { count, low, high };
}
