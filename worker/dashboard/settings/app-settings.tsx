import { useState } from "preact/hooks";
import type { Settings } from "../../counting/app-settings.ts";
import { type Role, roles } from "../../roles.ts";
import type { Change } from "./effects.ts";
import { identityChange, sourceOf } from "./identity.ts";
import { Choice, Field, Form, Section } from "./section.tsx";

interface SectionProps {
  settings: Settings;
  /** Puts a change of settings before the reader. */
  change: (title: string, change: Change) => void;
}

/** What is counted apart, by names that are declared. */
export function Dimensions({ settings: { dimensions }, change }: SectionProps) {
  return (
    <Section
      title="Dimensions"
      about="Properties to split people by, such as plan or tenant: up to eight. Values of undeclared dimensions are dropped."
    >
      <List
        items={dimensions}
        empty="No dimensions are declared."
        label="Name of a dimension"
        placeholder="plan"
        action="Declare"
        onAdd={(name) => change(`Declare ${name}`, { dimensions: [...dimensions, name] })}
        onRemove={(name) =>
          change(`Remove ${name}`, { dimensions: dimensions.filter((other) => other !== name) })
        }
      />
    </Section>
  );
}

/** From where browsers may report. */
export function Origins({ settings: { origins }, change }: SectionProps) {
  return (
    <Section
      title="Origins"
      about="Web origins that may report activity with the public key. If the list is empty, any origin may."
    >
      <List
        items={origins}
        empty="Any origin may report."
        label="Origin"
        placeholder="https://app.example.com"
        action="Allow"
        onAdd={(origin) => change(`Allow ${origin}`, { origins: [...origins, origin] })}
        onRemove={(origin) =>
          change(`Remove ${origin}`, { origins: origins.filter((other) => other !== origin) })
        }
      />
    </Section>
  );
}

/** How time is cut and how long it is kept. */
export function Time({ settings, change }: SectionProps) {
  const [timeZone, setTimeZone] = useState(settings.timeZone);
  const [retention, setRetention] = useState(String(settings.retentionDays));
  const [resolution, setResolution] = useState(settings.resolution);
  const zones = [...new Set([settings.timeZone, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  const changed: Change = {
    ...(timeZone !== settings.timeZone && { timeZone }),
    ...(Number(retention) !== settings.retentionDays && { retentionDays: Number(retention) }),
    ...(resolution !== settings.resolution && { resolution }),
  };
  return (
    <Section
      title="Time"
      about="The time zone in which days begin, how many days are kept, and how often clients send a heartbeat."
    >
      <Form
        action="Save"
        isReady={/^[0-9]+$/.test(retention) && Object.keys(changed).length > 0}
        onSubmit={() => change("Change time settings", changed)}
      >
        <Choice
          label="Time zone"
          name="timeZone"
          choices={zones.map((zone) => [zone, zone])}
          value={timeZone}
          onChange={setTimeZone}
        />
        <Field label="Days to keep" name="retentionDays" value={retention} onInput={setRetention} />
        <Choice
          label="Resolution"
          name="resolution"
          choices={[
            ["5m", "Every 5 minutes"],
            ["1h", "Every hour"],
            ["1d", "Every day"],
          ]}
          value={resolution}
          onChange={setResolution}
        />
      </Form>
    </Section>
  );
}

/** Who may say who a user is. */
export function Identity({ settings, change }: SectionProps) {
  const [identity, setIdentity] = useState(settings.identity);
  const [source, setSource] = useState(sourceOf(settings.jwt));
  const [audience, setAudience] = useState(settings.jwt?.audience ?? "");
  const [issuer, setIssuer] = useState(settings.jwt?.issuer ?? "");
  const changed = identityChange(settings, { identity, source, audience, issuer });
  return (
    <Section title="Identity" about="Who names the user: the client itself, or your backend in a signed JWT.">
      <Form
        action="Save"
        isReady={Object.keys(changed).length > 0}
        onSubmit={() => change("Change identity settings", changed)}
      >
        <Choice
          label="User ids come from"
          name="identity"
          choices={[
            ["open", "the client, unverified"],
            ["signed", "your backend, signed"],
          ]}
          value={identity}
          onChange={setIdentity}
        />
        <Field
          label="JWKS address or shared secret"
          name="jwt"
          placeholder="https://…/jwks.json"
          value={source}
          onInput={setSource}
        />
        <Field label="Audience (optional)" name="audience" value={audience} onInput={setAudience} />
        <Field label="Issuer (optional)" name="issuer" value={issuer} onInput={setIssuer} />
      </Form>
    </Section>
  );
}

const uses: Record<Role, readonly [name: string, use: string]> = {
  pub: ["Public keys", "report activity from apps and pages"],
  read: ["Read keys", "read figures in dashboards and scripts"],
  secret: ["Secret keys", "can do everything, on your servers and here"],
  share: ["Share keys", "show badges; retiring them also revokes shared links"],
};

/** From which revision on keys are good. */
export function Keys({ settings: { keyRevisions }, change }: SectionProps) {
  return (
    <Section
      title="Keys"
      about="Every key has a revision. Retire older keys, for example after a leak, by raising the revision of their role. Create the new keys first."
    >
      <ul class="rows">
        {roles.map((role) => {
          const [name, use] = uses[role];
          const next = keyRevisions[role] + 1;
          return (
            <li key={role}>
              <span>
                <b>{name}</b> {use}
                <br />
                <small>valid from revision {keyRevisions[role]}</small>
              </span>
              <button
                type="button"
                class="minor"
                onClick={() =>
                  change(`Retire ${name.toLowerCase()} below revision ${next}`, {
                    keyRevisions: { [role]: next },
                  })
                }
              >
                Retire<span class="unseen"> {name.toLowerCase()}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Texts that can be added and removed one by one. */
function List(props: {
  items: readonly string[];
  empty: string;
  label: string;
  placeholder: string;
  action: string;
  onAdd: (item: string) => void;
  onRemove: (item: string) => void;
}) {
  const { items, empty, label, placeholder, action, onAdd, onRemove } = props;
  const [text, setText] = useState("");
  const item = text.trim();
  return (
    <>
      {items.length === 0 && <p class="help">{empty}</p>}
      <ul class="chips">
        {items.map((one) => (
          <li key={one}>
            {one}
            <button type="button" aria-label={`Remove ${one}`} onClick={() => onRemove(one)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <Form action={action} isReady={item !== ""} onSubmit={() => onAdd(item)}>
        <Field label={label} name={label} placeholder={placeholder} value={text} onInput={setText} />
      </Form>
    </>
  );
}
