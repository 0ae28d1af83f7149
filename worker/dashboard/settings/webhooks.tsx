import { useContext, useState } from "preact/hooks";
import type { WebhookRow } from "../../../sdk/answers.ts";
import type { Settings } from "../../counting/app-settings.ts";
import { SessionContext } from "../session-context.ts";
import type { StatusAnswer } from "../status.ts";
import { useQuery } from "../use-query.ts";
import { Choice, Field, Form, type Propose, Section } from "./section.tsx";
import { send } from "./send.ts";
import { eventNames, type Webhook, type WebhookEvent, webhookOf, wordsOf } from "./webhook.ts";

const events = Object.keys(eventNames) as WebhookEvent[];

/** Where reports and alerts are sent, what became of the last message, and the form for one more. */
export function Webhooks(props: { settings: Settings; propose: Propose; saved: () => void }) {
  const { settings, propose, saved } = props;
  const { key, app } = useContext(SessionContext);
  const status = useQuery<StatusAnswer>("/v1/status?part=rollup", 15_000);
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>(["daily", "drop", "silence"]);
  const [side, setSide] = useState<"none" | "below" | "above">("none");
  const [people, setPeople] = useState("");
  const { webhooks } = settings;
  const facts = status.data?.parts.find((part) => part.part === "rollup");
  const outcomes = facts?.webhooks ?? [];
  const put = async (next: readonly Webhook[]) => {
    const answer = await send<Settings>("PUT", "/v1/settings", { webhooks: next }, key);
    saved();
    status.retry();
    return answer.webhooks;
  };
  const added = webhookOf({ url, events: chosen, side, people });
  const add = (webhook: Webhook) =>
    propose({
      title: "Set a webhook",
      effects: [
        `Figures of ${app} are sent to ${webhook.url}: ${wordsOf(webhook)}.`,
        "A first message is sent within a minute, so that you see whether it arrives.",
        "The secret that signs messages is shown once, when you have confirmed.",
      ],
      action: "Set",
      carryOut: async () => {
        const made = (await put([...webhooks, webhook])).find((each) => each.url === webhook.url);
        return `The webhook is set. Its secret, which is not shown again: ${made?.secret}`;
      },
    });
  const remove = (removed: Webhook) =>
    propose({
      title: "Remove a webhook",
      effects: [`Nothing is sent to ${removed.url} any more, and its secret is forgotten.`],
      action: "Remove",
      carryOut: async () => {
        await put(webhooks.filter((webhook) => webhook !== removed));
        return "The webhook is removed.";
      },
    });
  return (
    <Section
      title="Webhooks"
      about="Where a daily or weekly report is sent, and an alert when something is unusual: your own server, or the incoming webhook of a chat."
    >
      {webhooks.length > 0 && (
        <ul class="rows">
          {webhooks.map((webhook, index) => (
            <li key={webhook.url}>
              <span>
                <b>{new URL(webhook.url).origin}</b> {wordsOf(webhook)}
                <br />
                <small>{outcomeOf(outcomes[index])}</small>
              </span>
              <button type="button" class="minor" onClick={() => remove(webhook)}>
                Remove<span class="unseen"> the webhook of {webhook.url}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Form
        action="Set"
        isReady={added !== null && !webhooks.some((webhook) => webhook.url === added.url)}
        onSubmit={() => added !== null && add(added)}
      >
        <Field label="URL" name="url" placeholder="https://…" value={url} onInput={setUrl} />
        <fieldset class="checks">
          <legend>What is sent</legend>
          {events.map((event) => (
            <label key={event} class="check">
              <input
                type="checkbox"
                checked={chosen.includes(event)}
                onChange={({ currentTarget: { checked } }) =>
                  setChosen(events.filter((each) => (each === event ? checked : chosen.includes(each))))
                }
              />
              {eventNames[event]}
            </label>
          ))}
        </fieldset>
        <Choice
          label="Threshold of daily people"
          name="side"
          choices={[
            ["none", "none"],
            ["below", "below"],
            ["above", "above"],
          ]}
          value={side}
          onChange={setSide}
        />
        {side !== "none" && <Field label="How many" name="people" value={people} onInput={setPeople} />}
      </Form>
    </Section>
  );
}

/** What became of the last message, in a sentence. */
function outcomeOf(row: WebhookRow | undefined): string {
  if (row === undefined || row.at === null) return "Nothing has been sent yet.";
  const at = new Date(row.at).toLocaleString();
  if (row.state === "delivered") return `Delivered ${at}.`;
  return `${row.state === "waiting" ? "Not delivered yet" : "Given up"}: ${row.reason} (${at}).`;
}
