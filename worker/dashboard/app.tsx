import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { AppFacts, StatusAnswer } from "./status.ts";
import type { AskProblem } from "./api.ts";
import { dateDaysAgo, isZone } from "./format.ts";
import { FirstSteps } from "./first-steps.tsx";
import { Headline } from "./panels/headline.tsx";
import { GrowthPanel } from "./panels/growth.tsx";
import { LifecyclePanel } from "./panels/lifecycle.tsx";
import { NewcomersPanel } from "./panels/newcomers.tsx";
import { PowerPanel } from "./panels/power.tsx";
import { RetentionPanel } from "./panels/retention.tsx";
import { SplitPanel } from "./panels/split.tsx";
import { StickinessPanel } from "./panels/stickiness.tsx";
import { TrendPanel } from "./panels/trend.tsx";
import { Failure } from "./panel.tsx";
import { PeriodPicker } from "./period-picker.tsx";
import { SessionContext } from "./session-context.ts";
import { isSecretKey, storeKey } from "./session.ts";
import { SettingsPage } from "./settings/settings-page.tsx";
import { SignIn } from "./sign-in.tsx";
import { TopBar } from "./top-bar.tsx";
import { useFailures } from "./use-failures.ts";
import { useQuery } from "./use-query.ts";
import { useView } from "./use-view.ts";

/** The page: signed in or not. */
export function App({ firstKey }: { firstKey: string | null }) {
  const [key, setKey] = useState(firstKey);
  const [refused, setRefused] = useState<AskProblem | null>(null);
  const change = useCallback((to: string | null, why: AskProblem | null, isToStay = false) => {
    storeKey(to, isToStay);
    setKey(to);
    setRefused(why);
  }, []);
  if (key === null) {
    return <SignIn refused={refused} signIn={(chosen, isToStay) => change(chosen, null, isToStay)} />;
  }
  return <SignedIn key={key} readKey={key} leave={(why) => change(null, why)} />;
}

function SignedIn({ readKey, leave }: { readKey: string; leave: (why: AskProblem | null) => void }) {
  const [view, setView] = useView();
  const [facts, setFacts] = useState<AppFacts | null>(null);
  // A later answer of another question may refuse the key as well: the first one counts.
  const refuse = useCallback((problem: AskProblem) => leave(problem), []);
  const app = /^hc_[a-z]+_([a-z0-9-]+)_/.exec(readKey)?.[1] ?? "";
  const appZone = facts !== null && isZone(facts.timeZone) ? facts.timeZone : "UTC";
  const zone = view.zone ?? appZone;
  const firstDate = facts?.firstDay ? dateDaysAgo(0, appZone, Date.parse(facts.firstDay)) : "";
  const page = isSecretKey(readKey) ? view.page : "figures";
  const { report, outage, retry } = useFailures();
  const session = useMemo(
    () => ({
      key: readKey,
      isShared: false,
      app,
      facts,
      appZone,
      firstDate,
      view,
      setView,
      zone,
      refuse,
      report,
      outage,
    }),
    [readKey, app, facts, appZone, firstDate, view, setView, zone, refuse, report, outage],
  );
  useEffect(() => {
    document.title = `${app} · Headcount`;
  }, [app]);
  // A link to the settings may reach somebody who may only read.
  useEffect(() => {
    if (page !== view.page) setView({ page }, true);
  }, [page, view.page, setView]);
  // An old link may name a dimension that isn't declared any more.
  const isUnknown = facts !== null && view.only !== null && !facts.dimensions.includes(view.only.dimension);
  useEffect(() => {
    if (isUnknown) setView({ only: null }, true);
  }, [isUnknown, setView]);
  return (
    <SessionContext.Provider value={session}>
      <TopBar signOut={() => leave(null)} />
      <main class="page">
        {/* Another page asks anew: what was set there may be another dimension or zone. */}
        <Facts key={page} known={facts} learn={setFacts}>
          {page === "settings" ? (
            <SettingsPage />
          ) : facts !== null && facts.firstDay === null ? (
            <FirstSteps />
          ) : (
            <>
              <h1 class="unseen">How many people use {app}</h1>
              <Headline />
              <div class="section">
                <h2>Over time</h2>
                <PeriodPicker />
              </div>
              <div class="panels">
                <TrendPanel />
                <NewcomersPanel />
                <StickinessPanel />
                <LifecyclePanel />
                <RetentionPanel />
                <GrowthPanel />
                <PowerPanel />
                <SplitPanel />
              </div>
            </>
          )}
          {outage !== null && <Outage problem={outage} retry={retry} />}
        </Facts>
      </main>
      <footer class="page-foot">
        {facts !== null &&
          `Days are cut in the app’s zone, ${facts.timeZone}; times are written in ${zone}. `}
        Everybody is counted once, and nobody’s id is stored.
      </footer>
    </SessionContext.Provider>
  );
}

/** Keeps what must be known to ask: soon again while nothing has been counted, else now and then. */
function Facts(props: {
  known: AppFacts | null;
  learn: (facts: AppFacts) => void;
  children: ComponentChildren;
}) {
  const { known, learn, children } = props;
  const query = useQuery<StatusAnswer>("/v1/status?part=rollup", known?.firstDay ? 300_000 : 3000);
  const facts = query.data?.parts.find((part): part is AppFacts => part.part === "rollup");
  const text = JSON.stringify(facts);
  useEffect(() => {
    if (facts !== undefined) learn(facts);
  }, [text]);
  // Nothing else can be asked then.
  if (query.problem !== null && known === null)
    return <Failure problem={query.problem} retry={query.retry} />;
  return <>{children}</>;
}

/** Says once what fails in several places. */
export function Outage({ problem, retry }: { problem: AskProblem; retry: () => void }) {
  return (
    <p class="outage" role="alert">
      {problem.message} {problem.remedy}{" "}
      <button type="button" class="link" onClick={retry}>
        Try again
      </button>
    </p>
  );
}
