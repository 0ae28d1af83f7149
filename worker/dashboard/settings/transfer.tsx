import { useContext, useState } from "preact/hooks";
import { AskProblem } from "../api.ts";
import { save } from "../download.ts";
import { SessionContext } from "../session-context.ts";
import { Section } from "./section.tsx";
import { fetchExport } from "./send.ts";

/** How all that is kept of the app leaves and comes in. */
export function Transfer() {
  const { app, key } = useContext(SessionContext);
  const [state, setState] = useState<"idle" | "loading" | AskProblem>("idle");
  const download = async () => {
    setState("loading");
    try {
      save(`${app}.ndjson`, await fetchExport(key));
      setState("idle");
    } catch (error) {
      setState(
        error instanceof AskProblem ? error : new AskProblem("The download was cut off.", "Use the command."),
      );
    }
  };
  return (
    <Section
      title="Export and import"
      about="Settings, sketches, links, annotations and the history of past days in one file, without user ids. An import is merged with what is here; nobody is counted twice."
    >
      <p>
        <button type="button" class="button" disabled={state === "loading"} onClick={() => void download()}>
          {state === "loading" ? "Downloading…" : "Download the export"}
        </button>
      </p>
      <p class="complaint" role="alert">
        {state instanceof AskProblem && `${state.message} ${state.remedy}`}
      </p>
      <p class="help">
        The first command does the same and can be resumed. The second imports the file, here or elsewhere.
      </p>
      <pre tabIndex={0} role="region" aria-label="Commands">
        <code>
          {`npm run -s export -- ${app} --file ${app}.ndjson --url ${location.origin}\n`}
          {`npm run -s import -- ${app} --file ${app}.ndjson --url ${location.origin}`}
        </code>
      </pre>
    </Section>
  );
}
