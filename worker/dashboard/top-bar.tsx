import { useContext, useState } from "preact/hooks";
import { isZone } from "./format.ts";
import { ShareButton } from "./share-dialog.tsx";
import { SessionContext } from "./session-context.ts";
import { isSecretKey } from "./session.ts";
import { viewOfApps } from "./view.ts";
import { applyTheme, type ThemeChoice, themeChoice } from "./theme.ts";

/** The mark, the app's name, and what goes for the whole page. */
export function TopBar({ signOut }: { signOut: () => void }) {
  const { app, key, view, setView } = useContext(SessionContext);
  return (
    <header class="top-bar">
      <Brand />
      {app !== "" && <span class="app-name">{app}</span>}
      {view.page === "figures" && view.only !== null && (
        <button type="button" class="only" onClick={() => setView({ only: null })}>
          {view.only.dimension}: <b>{view.only.value}</b>
          <span aria-hidden="true"> ×</span>
          <span class="unseen">: remove this filter</span>
        </button>
      )}
      <span class="spacer" />
      {view.page !== "apps" && (
        <button type="button" class="quiet" onClick={() => setView(viewOfApps)}>
          Apps
        </button>
      )}
      {isSecretKey(key) && (
        <button
          type="button"
          class="quiet"
          onClick={() => setView({ page: view.page === "settings" ? "figures" : "settings" })}
        >
          {view.page === "settings" ? "Figures" : "Settings"}
        </button>
      )}
      {view.page === "figures" && <ShareButton />}
      {view.page === "figures" && <ZonePicker />}
      <ThemePicker />
      <button type="button" class="quiet" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}

export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="5.5" r="3.5" />
        <path d="M2 18a8 8 0 0 1 16 0z" />
      </svg>
      Headcount
    </span>
  );
}

function ZonePicker() {
  const { appZone, view, setView, zone } = useContext(SessionContext);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const near = [...new Set([appZone, own, "UTC"])].filter(isZone);
  return (
    <label
      class="select zone"
      title={`Times are shown in this zone. Days follow the app's zone, ${appZone}.`}
    >
      <span class="unseen">Time zone. Days follow the app's zone, {appZone}.</span>
      <select
        value={zone}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setView({ zone: chosen === appZone ? null : chosen });
        }}
      >
        {near.map((name) => (
          <option key={name} value={name}>
            {name === appZone ? `${name} (app)` : name === own ? `${name} (you)` : name}
          </option>
        ))}
        {view.zone !== null && !near.includes(view.zone) && <option>{view.zone}</option>}
        <optgroup label="All zones">
          {Intl.supportedValuesOf("timeZone")
            .filter((name) => !near.includes(name) && name !== view.zone)
            .map((name) => (
              <option key={name}>{name}</option>
            ))}
        </optgroup>
      </select>
    </label>
  );
}

const next: Record<ThemeChoice, ThemeChoice> = { auto: "light", light: "dark", dark: "auto" };
const words: Record<ThemeChoice, string> = { auto: "as the system", light: "light", dark: "dark" };

export function ThemePicker() {
  const [choice, setChoice] = useState(themeChoice);
  const change = () => {
    applyTheme(next[choice]);
    setChoice(next[choice]);
  };
  return (
    <button
      type="button"
      class="quiet icon"
      title={`Colours: ${words[choice]}`}
      aria-label={`Colours: ${words[choice]}. Change to ${words[next[choice]]}`}
      onClick={change}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true" class={`theme-${choice}`}>
        <circle cx="10" cy="10" r="7.25" />
        <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" />
      </svg>
    </button>
  );
}
