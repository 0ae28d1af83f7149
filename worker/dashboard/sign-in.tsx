import { useState } from "preact/hooks";
import type { AskProblem } from "./api.ts";
import { whyNoReadKey } from "./session.ts";
import { Brand } from "./top-bar.tsx";

/** Asks for a read key. */
export function SignIn({ refused, signIn }: { refused: AskProblem | null; signIn: (key: string) => void }) {
  const [text, setText] = useState("");
  const [complaint, setComplaint] = useState<string | null>(
    refused === null ? null : `${refused.message} ${refused.remedy}`,
  );
  return (
    <main class="sign-in">
      <Brand />
      <h1>How many people use your app?</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const key = text.trim();
          const why = whyNoReadKey(key);
          if (why === null) signIn(key);
          else setComplaint(why);
        }}
        noValidate
      >
        <label for="key">Read key</label>
        <input
          id="key"
          name="key"
          type="text"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="hc_read_…"
          value={text}
          aria-invalid={complaint !== null}
          aria-describedby="key-help key-error"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id="key-error" class="complaint" role="alert">
          {complaint}
        </p>
        <button class="button" type="submit">
          Show figures
        </button>
        <p id="key-help" class="help">
          <code>npm run keys -- APP</code> prints it. It is kept in this tab alone, and gone when the tab is
          closed.
        </p>
      </form>
    </main>
  );
}
