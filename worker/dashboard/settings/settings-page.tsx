import { useContext, useState } from "preact/hooks";
import type { Settings } from "../../counting/app-settings.ts";
import { Failure } from "../panel.tsx";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { Annotations } from "./annotations.tsx";
import { Dimensions, Identity, Keys, Origins, Time } from "./app-settings.tsx";
import { Confirmation, type Plan } from "./confirmation.tsx";
import { type Change, effectsOf } from "./effects.ts";
import { Exclusions, Links } from "./people.tsx";
import { send } from "./send.ts";
import { Transfer } from "./transfer.tsx";
import { Webhooks } from "./webhooks.tsx";

/** What whoever has the secret key may change. Nothing is sent before it is confirmed. */
export function SettingsPage() {
  const { app, key } = useContext(SessionContext);
  const query = useQuery<Settings>("/v1/settings", 300_000);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [outcome, setOutcome] = useState("");
  const propose = (next: Plan) => {
    setOutcome("");
    setPlan(next);
  };
  const { data: settings, complaint } = query;
  if (settings === null) {
    return complaint === null ? (
      <p class="unseen">Loading</p>
    ) : (
      <Failure problem={complaint} retry={query.retry} />
    );
  }
  const change = (title: string, asked: Change) => {
    const effects = effectsOf(settings, asked, app);
    propose({
      title,
      effects: effects.length > 0 ? effects : ["Nothing changes: these are the current settings."],
      action: "Confirm",
      carryOut: async () => {
        await send("PUT", "/v1/settings", asked, key);
        query.retry();
        return "Saved. It takes effect everywhere within 30 seconds.";
      },
    });
  };
  // Other settings make another form of their section: what was typed there has been saved then, or is out of date.
  const keyOf = (section: string, ...of: (keyof Settings)[]) =>
    `${section} ${JSON.stringify(of.map((name) => settings[name]))}`;
  return (
    <div class="settings">
      <h1>Settings of {app}</h1>
      <Dimensions key={keyOf("dimensions", "dimensions")} settings={settings} change={change} />
      <Annotations propose={propose} />
      <Origins key={keyOf("origins", "origins")} settings={settings} change={change} />
      <Time
        key={keyOf("time", "timeZone", "retentionDays", "resolution")}
        settings={settings}
        change={change}
      />
      <Identity key={keyOf("identity", "identity", "jwt")} settings={settings} change={change} />
      <Keys settings={settings} change={change} />
      <Webhooks
        key={keyOf("webhooks", "webhooks")}
        settings={settings}
        propose={propose}
        saved={query.retry}
      />
      <Links propose={propose} />
      <Exclusions propose={propose} />
      <Transfer />
      <p class={outcome === "" ? "unseen" : "outcome"} role="status">
        {outcome}
      </p>
      {plan !== null && <Confirmation plan={plan} done={setOutcome} close={() => setPlan(null)} />}
    </div>
  );
}
