import { useState } from "preact/hooks";
import type { AskProblem } from "./api.ts";
import { isSecretKey, isServiceSecret, whyNoKey } from "./session.ts";
import { Brand } from "./top-bar.tsx";

/** Asks for a read or secret key, and whether this browser is to keep it. */
export function SignIn(props: {
  refused: AskProblem | null;
  signIn: (key: string, isToStay: boolean) => void;
}) {
  const { refused, signIn } = props;
  const [text, setText] = useState("");
  const [isToStay, setIsToStay] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(
    refused === null ? null : `${refused.message} ${refused.remedy}`,
  );
  const isSecret = isSecretKey(text.trim()) || isServiceSecret(text.trim());
  return (
    <main class="sign-in">
      <Brand />
      <h1>How many people use your app?</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const key = text.trim();
          const why = whyNoKey(key);
          if (why === null) signIn(key, isToStay);
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
        <label class="check">
          <input
            type="checkbox"
            checked={isToStay}
            onChange={(event) => setIsToStay(event.currentTarget.checked)}
          />
          Keep me signed in on this browser
        </label>
        <button class="button" type="submit">
          Show figures
        </button>
        <p id="key-help" class="help">
          <code>npm run keys -- APP</code> prints it. The app’s secret key lets you change settings as well;
          the service’s secret (<code>HEADCOUNT_SECRET</code>) shows all apps.{" "}
          {isToStay && !isSecret
            ? "This browser keeps the key until you sign out. Don’t choose this on a shared computer."
            : "The key is kept in this tab only, until you close it."}
        </p>
      </form>
    </main>
  );
}
