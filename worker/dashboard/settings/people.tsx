import { useContext, useState } from "preact/hooks";
import { SessionContext } from "../session-context.ts";
import { Choice, Field, Form, type Propose, Section } from "./section.tsx";
import { send } from "./send.ts";

/** Of them nobody can tell who was there. */
const largeDays =
  "days with more than 3,072 people stay as they are, unless the API is told which days to change.";

/** Makes and ends links: two users who are one person. */
export function Links({ propose }: { propose: Propose }) {
  const { key } = useContext(SessionContext);
  const [act, setAct] = useState<"make" | "end">("make");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const isMade = act === "make";
  const body = { from: from.trim(), ...(to.trim() !== "" && { to: to.trim() }) };
  const submit = () =>
    propose(
      isMade
        ? {
            title: `Link ${body.from} to ${to.trim()}`,
            effects: [
              `From now on both are one person, ${to.trim()}, and are counted once.`,
              `Past days are corrected as well, except that ${largeDays}`,
            ],
            action: "Link users",
            carryOut: async () => {
              const { exact, reason } = await send<{ exact: boolean; reason?: string }>(
                "POST",
                "/v1/links",
                body,
                key,
              );
              return `The users are linked. ${exact ? "Past days are corrected." : (reason ?? "")}`;
            },
          }
        : {
            title: `End the link of ${body.from}`,
            effects: [
              `From now on ${body.from} is counted as a separate person. Past days stay as they are.`,
            ],
            action: "End the link",
            carryOut: async () => {
              await send("DELETE", "/v1/links", body, key);
              return "The link is ended.";
            },
          },
    );
  return (
    <Section
      title="Links"
      about="Two user ids that are one person, for example after two accounts were merged. Ids are hashed, so existing links can't be listed."
    >
      <Form
        action={isMade ? "Link" : "End link"}
        isReady={body.from !== "" && (!isMade || to.trim() !== "")}
        onSubmit={submit}
      >
        <Choice
          label="Action"
          name="link"
          choices={[
            ["make", "Link two users"],
            ["end", "End a link"],
          ]}
          value={act}
          onChange={setAct}
        />
        <Field label="User id to link" name="from" value={from} onInput={setFrom} />
        <Field
          label={isMade ? "User id to keep" : "User id to keep (optional)"}
          name="to"
          value={to}
          onInput={setTo}
        />
      </Form>
    </Section>
  );
}

/** Takes users out of all figures, and back in. */
export function Exclusions({ propose }: { propose: Propose }) {
  const { key } = useContext(SessionContext);
  const [act, setAct] = useState<"make" | "end">("make");
  const [text, setText] = useState("");
  const user = text.trim();
  const submit = () =>
    propose(
      act === "make"
        ? {
            title: `Exclude ${user}`,
            effects: [
              `${user} is not counted from now on, and is removed from past days, except that ${largeDays}`,
            ],
            action: "Exclude",
            carryOut: async () => {
              await send("POST", "/v1/exclusions", { user }, key);
              return "The user is excluded.";
            },
          }
        : {
            title: `Count ${user} again`,
            effects: [
              `${user} is counted from now on. Past days stay without them, unless the API is told which days to restore.`,
            ],
            action: "Count again",
            carryOut: async () => {
              await send("DELETE", "/v1/exclusions", { user }, key);
              return "The user is counted again.";
            },
          },
    );
  return (
    <Section
      title="Exclusions"
      about="Users who should not be counted, such as staff and test accounts. Ids are hashed, so exclusions can't be listed."
    >
      <Form action={act === "make" ? "Exclude" : "Count again"} isReady={user !== ""} onSubmit={submit}>
        <Choice
          label="Action"
          name="exclusion"
          choices={[
            ["make", "Exclude a user"],
            ["end", "Count a user again"],
          ]}
          value={act}
          onChange={setAct}
        />
        <Field label="User id" name="user" value={text} onInput={setText} />
      </Form>
    </Section>
  );
}
