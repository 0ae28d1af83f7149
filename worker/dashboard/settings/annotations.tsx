import { useContext, useState } from "preact/hooks";
import { day as written } from "../format.ts";
import { todayIn } from "../period.ts";
import { SessionContext } from "../session-context.ts";
import { useAnnotations } from "../use-annotations.ts";
import { Field, Form, type Propose, Section } from "./section.tsx";
import { send } from "./send.ts";

/** What was noted of days: the newest first, to be added and removed. */
export function Annotations({ propose }: { propose: Propose }) {
  const { key, appZone } = useContext(SessionContext);
  const query = useAnnotations();
  const [day, setDay] = useState(todayIn(appZone));
  const [text, setText] = useState("");
  const annotations = query.data?.annotations ?? [];
  const said = text.trim();
  const add = () => {
    const known = annotations.find((annotation) => annotation.day === day);
    propose({
      title: `Annotate ${written(day, "long")}`,
      effects: [
        `Charts mark the day with “${said}”. Figures don’t change.`,
        ...(known === undefined ? [] : [`It replaces “${known.text}”.`]),
      ],
      action: "Annotate",
      carryOut: async () => {
        await send("PUT", "/v1/annotations", { day, text: said }, key);
        setText("");
        query.retry();
        return "The day is annotated.";
      },
    });
  };
  const remove = (removed: { day: string; text: string }) =>
    propose({
      title: `Remove the annotation of ${written(removed.day, "long")}`,
      effects: [`Charts no longer mark the day with “${removed.text}”.`],
      action: "Remove",
      carryOut: async () => {
        await send("DELETE", "/v1/annotations", { day: removed.day }, key);
        query.retry();
        return "The annotation is removed.";
      },
    });
  return (
    <Section
      title="Annotations"
      about="Short notes on days, such as a release or a campaign. Everyone who sees the charts sees them."
    >
      {annotations.length > 0 && (
        <ul class="rows">
          {annotations.toReversed().map((annotation) => (
            <li key={annotation.day}>
              <span>
                <b>{annotation.text}</b>
                <br />
                <small>{written(annotation.day, "long")}</small>
              </span>
              <button type="button" class="minor" onClick={() => remove(annotation)}>
                Remove<span class="unseen"> {annotation.text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Form action="Annotate" isReady={day !== "" && said !== ""} onSubmit={add}>
        <Field label="Day" name="day" isDate value={day} onInput={setDay} />
        <Field label="Text" name="text" placeholder="Release 2.0" value={text} onInput={setText} />
      </Form>
    </Section>
  );
}
