import { useState } from "preact/hooks";
import { keepsKeys, whyNoKey } from "../session.ts";

/** Takes the key of another app. */
export function AddApp({ missing, add }: { missing: string | null; add: (key: string) => void }) {
  const [text, setText] = useState("");
  const [complaint, setComplaint] = useState<string | null>(null);
  return (
    <form
      class="card add-app"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const key = text.trim();
        const why = whyNoKey(key);
        setComplaint(why);
        if (why !== null) return;
        setText("");
        add(key);
      }}
    >
      <h2>Add an app</h2>
      {missing !== null && (
        <p class="app-trouble" role="status">
          This link leads to {missing}, and you have no key for it here. Add its read key to see it.
        </p>
      )}
      <div class="add-app-row">
        <input
          id="new-key"
          type="text"
          aria-label="Read key of an app"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="hc_read_…"
          value={text}
          aria-invalid={complaint !== null}
          aria-describedby="add-help add-error"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button class="button" type="submit">
          Add
        </button>
      </div>
      <p id="add-error" class="complaint" role="alert">
        {complaint}
      </p>
      <p id="add-help" class="help">
        {keepsKeys()
          ? "This browser keeps read keys until you sign out. Secret keys are kept in this tab only, until you close it."
          : "The key is kept in this tab only, until you close it."}
      </p>
    </form>
  );
}
