import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { AppsPage } from "./apps/apps-page.tsx";
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
import { Outage } from "./outage-notice.tsx";
import { Failure } from "./panel.tsx";
import { PeriodPicker } from "./period-picker.tsx";
import { SessionContext } from "./session-context.ts";
import { useReadKey } from "./read-key.ts";
import { appOf, forgetKey, isSecretKey, isServiceSecret, keepsKeys, storeKey, withKey } from "./session.ts";
import { SettingsPage } from "./settings/settings-page.tsx";
import { SignIn } from "./sign-in.tsx";
import { TopBar } from "./top-bar.tsx";
import { useFailures } from "./use-failures.ts";
import { useQuery } from "./use-query.ts";
import { useView } from "./use-view.ts";
import { type ChangeView, type View, viewOfApps } from "./view.ts";

/** The page: signed in or not, the list of apps or one of them. */
export function App({ firstKeys }: { firstKeys: string[] }) {
  const [view, setView] = useView();
  const [keys, setKeys] = useState(firstKeys);
  const [refused, setRefused] = useState<AskProblem | null>(null);
  // A later answer of another question may refuse the key as well: the first one counts.
  const leave = useCallback((why: AskProblem | null) => {
    forgetKey(null);
    setKeys([]);
    setRefused(why);
  }, []);
  const add = useCallback((key: string, isToStay: boolean, isFirst: boolean) => {
    storeKey(key, isToStay, isFirst);
    setKeys((known) => withKey(known, key, isFirst));
  }, []);
  const remove = useCallback((app: string) => {
    forgetKey(app);
    setKeys((known) => known.filter((key) => appOf(key) !== app));
    setRefused(null);
  }, []);
  const [first] = keys;
  if (first === undefined) {
    return <SignIn refused={refused} signIn={(key, isToStay) => add(key, isToStay, true)} />;
  }
  const secret = isServiceSecret(first) ? first : null;
  const app = view.app ?? appOf(first);
  const own = keys.find((key) => appOf(key) === app) ?? null;
  if (view.page === "apps" || app === "" || (own === null && secret === null)) {
    return (
      <AppsPage
        keys={keys}
        secret={secret}
        missing={view.page === "apps" ? null : view.app}
        view={view}
        setView={setView}
        add={(key) => add(key, keepsKeys(), false)}
        remove={remove}
        leave={leave}
      />
    );
  }
  return (
    <OneApp
      key={app}
      app={app}
      own={secret === null ? own : null}
      secret={secret}
      view={view}
      setView={setView}
      isAlone={keys.length === 1 && secret === null}
      leave={leave}
    />
  );
}

/** The page of an app, once there is a key for it. */
function OneApp(props: {
  app: string;
  own: string | null;
  secret: string | null;
  view: View;
  setView: ChangeView;
  /** Whether there is no other app to go to. */
  isAlone: boolean;
  leave: (why: AskProblem | null) => void;
}) {
  const { app, own, secret, view, setView, isAlone, leave } = props;
  const { key, problem, refuse } = useReadKey(app, own, secret);
  // The other apps' keys are still good: the list says what is wrong with this one.
  useEffect(() => {
    if (problem === null) return;
    if (isAlone) leave(problem);
    else setView(viewOfApps, true);
  }, [problem, isAlone, leave, setView]);
  if (key === null) return null;
  return (
    <SignedIn
      key={key}
      readKey={key}
      view={view}
      setView={setView}
      refuse={refuse}
      signOut={() => leave(null)}
    />
  );
}

function SignedIn(props: {
  readKey: string;
  view: View;
  setView: ChangeView;
  refuse: (problem: AskProblem) => void;
  signOut: () => void;
}) {
  const { readKey, view, setView, refuse, signOut } = props;
  const [facts, setFacts] = useState<AppFacts | null>(null);
  const app = appOf(readKey);
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
      <TopBar signOut={signOut} />
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
        {facts !== null && `Days follow the app’s time zone, ${facts.timeZone}; times are shown in ${zone}. `}
        Everyone is counted once, and no user id is stored.
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
