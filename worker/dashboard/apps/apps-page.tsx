import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { AppRow } from "../../query/app-list.ts";
import type { AskProblem } from "../api.ts";
import { Outage } from "../outage-notice.tsx";
import { SessionContext } from "../session-context.ts";
import { appOf } from "../session.ts";
import { TopBar } from "../top-bar.tsx";
import { Turns } from "../turns.ts";
import { useFailures } from "../use-failures.ts";
import type { ChangeView, Sort, View } from "../view.ts";
import { sparkDays } from "../view-questions.ts";
import { AddApp } from "./add-app.tsx";
import { AppCard } from "./app-card.tsx";
import { AppList } from "./app-list.tsx";
import { type Figures, inOrder, isFound } from "./order.ts";

/** Requests of the cards that are under way at once: an app's page is not to wait for a hundred cards. */
const askedAtOnce = 4;

const sorts: readonly (readonly [Sort, string])[] = [
  ["mau", "MAU"],
  ["wau", "WAU"],
  ["dau", "DAU"],
  ["online", "Online"],
  ["name", "Name"],
];

/** The reader's apps, or with the service's secret all of them, each with its figures. */
export function AppsPage(props: {
  keys: readonly string[];
  secret: string | null;
  /** The app that the address names and that the reader has no key for. */
  missing: string | null;
  view: View;
  setView: ChangeView;
  add: (key: string) => void;
  remove: (app: string) => void;
  leave: (why: AskProblem | null) => void;
}) {
  const { keys, secret, missing, setView, add, remove, leave } = props;
  const view = useMemo((): View => ({ ...props.view, page: "apps" }), [props.view]);
  const { report, outage, retry } = useFailures();
  const [listed, setListed] = useState<ReadonlyMap<string, AppRow> | null>(null);
  const [figures, setFigures] = useState<ReadonlyMap<string, Figures | null>>(new Map());
  const turns = useMemo(() => new Turns(askedAtOnce), []);
  const learnList = useCallback(
    (rows: readonly AppRow[]) =>
      setListed((known) => new Map([...(known ?? []), ...rows.map((row) => [row.app, row] as const)])),
    [],
  );
  const learn = useCallback(
    (app: string, news: Figures | null) => setFigures((known) => new Map(known).set(app, news)),
    [],
  );
  const session = useMemo(
    () => ({
      key: secret ?? "",
      isShared: false,
      app: "",
      facts: null,
      appZone: "UTC",
      firstDate: "",
      view,
      setView,
      zone: "UTC",
      refuse: leave,
      report,
      outage,
      turns,
    }),
    [secret, view, setView, leave, report, outage, turns],
  );
  useEffect(() => {
    document.title = "Apps · Headcount";
  }, []);

  const apps = secret === null ? keys.map(appOf) : [...(listed?.keys() ?? [])];
  // So that no card moves away under the reader's hand while the first figures come in.
  const isRanked = apps.every((app) => figures.has(app));
  const shown = apps.filter((app) => isFound(app, view.find)).length;
  return (
    <SessionContext.Provider value={session}>
      <TopBar signOut={() => leave(null)} />
      <main class="page apps-page">
        <div class="section apps-head">
          <h1>Apps</h1>
          <p role="status">
            {secret !== null && listed === null
              ? ""
              : `${shown === apps.length ? "" : `${shown} of `}${apps.length} ${apps.length === 1 ? "app" : "apps"}`}
          </p>
          {secret === null && (
            <button type="button" class="quiet" onClick={() => document.getElementById("new-key")?.focus()}>
              Add an app
            </button>
          )}
          <div class="period">
            <label>
              <span class="unseen">Find an app</span>
              <input
                type="search"
                placeholder="Find an app"
                value={view.find ?? ""}
                onInput={(event) => setView({ find: event.currentTarget.value || null }, true)}
              />
            </label>
            <label class="select">
              <span class="unseen">Sort by</span>
              <select
                value={view.sort}
                onChange={(event) => {
                  const chosen = sorts.find(([sort]) => sort === event.currentTarget.value);
                  if (chosen !== undefined) setView({ sort: chosen[0] });
                }}
              >
                {sorts.map(([sort, words]) => (
                  <option key={sort} value={sort}>
                    Sort by {words}
                  </option>
                ))}
              </select>
            </label>
          </div>
        </div>
        {secret !== null && <AppList after={null} learn={learnList} />}
        <ul class="app-grid">
          {inOrder(apps, figures, isRanked ? view.sort : "name").map((app) => (
            <AppCard
              key={app}
              app={app}
              own={keys.find((key) => appOf(key) === app) ?? null}
              secret={secret}
              listed={listed?.get(app) ?? null}
              isHidden={!isFound(app, view.find)}
              learn={learn}
              remove={remove}
            />
          ))}
        </ul>
        {shown === 0 && apps.length > 0 && <p class="blank">No app has “{view.find}” in its name.</p>}
        {listed?.size === 0 && <p class="blank">No app has reported activity yet.</p>}
        {secret === null && <AddApp missing={missing} add={add} />}
        {outage !== null && <Outage problem={outage} retry={retry} />}
      </main>
      <footer class="page-foot">
        Online is the last 5 minutes; DAU, WAU and MAU are the last 24 hours, 7 and 30 days. The line shows
        the people of each of the last {sparkDays} days.
      </footer>
    </SessionContext.Provider>
  );
}
