import type { ComponentType } from "preact";
import { useCallback, useContext, useEffect, useMemo, useState } from "preact/hooks";
import { dateDaysAgo, isZone } from "./format.ts";
import { Outage } from "./outage-notice.tsx";
import { Failure } from "./panel.tsx";
import { GrowthPanel } from "./panels/growth.tsx";
import { Headline } from "./panels/headline.tsx";
import { LifecyclePanel } from "./panels/lifecycle.tsx";
import { NewcomersPanel } from "./panels/newcomers.tsx";
import { PowerPanel } from "./panels/power.tsx";
import { RetentionPanel } from "./panels/retention.tsx";
import { SplitPanel } from "./panels/split.tsx";
import { StickinessPanel } from "./panels/stickiness.tsx";
import { TrendPanel } from "./panels/trend.tsx";
import { SessionContext } from "./session-context.ts";
import { type PanelName, readSharedView } from "./shared-view.ts";
import type { ShareAnswer } from "./status.ts";
import { Brand, ThemePicker } from "./top-bar.tsx";
import { useFailures } from "./use-failures.ts";
import { useQuery } from "./use-query.ts";

const panelOf: Record<Exclude<PanelName, "headline">, ComponentType> = {
  trend: TrendPanel,
  newcomers: NewcomersPanel,
  stickiness: StickinessPanel,
  lifecycle: LifecyclePanel,
  retention: RetentionPanel,
  growth: GrowthPanel,
  power: PowerPanel,
  split: SplitPanel,
};

/** The page at `/embed`: what a link shows, alone or in a frame of another page. Its reader can change nothing. */
export function SharedPage({ token }: { token: string }) {
  const [isRefused, setIsRefused] = useState(false);
  const refuse = useCallback(() => setIsRefused(true), []);
  const [answer, setAnswer] = useState<ShareAnswer | null>(null);
  const { report, outage, retry } = useFailures();
  const learn = useCallback((newest: ShareAnswer) => setAnswer(newest), []);
  // The time of an answer is no reason to draw all anew.
  const text = JSON.stringify({ ...answer, at: "" });
  const known = useMemo(() => (answer === null ? null : sessionOf(answer)), [text]);
  const session = useMemo(
    () => ({ ...noSession, ...known, key: token, isShared: true, setView() {}, refuse, report, outage }),
    [known, token, report, outage],
  );
  const { app, view } = session;
  useEffect(() => {
    document.title = app === "" ? "Headcount" : `${app} · Headcount`;
  }, [app]);
  if (isRefused) {
    return (
      <main class="sign-in">
        <Brand />
        <h1>This link doesn’t work</h1>
        <p class="help">It was revoked, or it is incomplete. Ask for a new one.</p>
      </main>
    );
  }
  return (
    <SessionContext.Provider value={session}>
      <header class="top-bar">
        <Brand />
        <span class="app-name">{app}</span>
        {view.only !== null && (
          <span class="only">
            {view.only.dimension}: <b>{view.only.value}</b>
          </span>
        )}
        <span class="spacer" />
        <ThemePicker />
      </header>
      <main class="page">
        <Shown answer={answer} learn={learn} />
        {outage !== null && <Outage problem={outage} retry={retry} />}
      </main>
      <footer class="page-foot">
        {answer !== null &&
          `Days follow the app’s time zone, ${answer.timeZone}; times are shown in ${session.zone}. `}
        Everyone is counted once, and no user id is stored.
      </footer>
    </SessionContext.Provider>
  );
}

/** The panels, once it is known which. */
function Shown({ answer, learn }: { answer: ShareAnswer | null; learn: (answer: ShareAnswer) => void }) {
  const { app } = useContext(SessionContext);
  const query = useQuery<ShareAnswer>("/v1/share", 300_000);
  useEffect(() => {
    if (query.data !== null) learn(query.data);
  }, [query.data]);
  if (answer === null) {
    return query.problem === null ? null : <Failure problem={query.problem} retry={query.retry} />;
  }
  if (answer.firstDay === null) return <p class="blank">Nobody has been counted yet.</p>;
  const { panels } = readSharedView(answer.view);
  return (
    <>
      <h1 class="unseen">How many people use {app}</h1>
      {panels.includes("headline") && <Headline />}
      <div class="panels">
        {panels.map((name) => {
          const Shared = name === "headline" ? null : panelOf[name];
          return Shared && <Shared key={name} />;
        })}
      </div>
    </>
  );
}

const noSession = {
  app: "",
  facts: null,
  appZone: "UTC",
  firstDate: "",
  view: readSharedView("").view,
  zone: "UTC",
};

/** What the panels of a shared view know of the app. */
function sessionOf({ app, view: text, timeZone, firstDay, dimensions }: ShareAnswer) {
  const { view } = readSharedView(text);
  const appZone = isZone(timeZone) ? timeZone : "UTC";
  return {
    app,
    facts: { part: "rollup" as const, firstDay, timeZone, dimensions },
    appZone,
    firstDate: firstDay === null ? "" : dateDaysAgo(0, appZone, Date.parse(firstDay)),
    view,
    zone: view.zone ?? appZone,
  };
}
