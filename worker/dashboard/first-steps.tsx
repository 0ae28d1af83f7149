import { useContext, useState } from "preact/hooks";
import { SessionContext } from "./session-context.ts";

/** What to do while an app has reported nothing yet. */
export function FirstSteps() {
  const { app } = useContext(SessionContext);
  const [copied, setCopied] = useState<string | null>(null);
  const snippet = `<script defer src="${location.origin}/sdk.js" data-key="hc_pub_${app}_…"></script>`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(snippet);
      setCopied("Copied");
    } catch {
      setCopied("Select the text and copy it");
    }
  };
  return (
    <section class="first-steps" aria-labelledby="first-steps">
      <h1 id="first-steps">Nobody has been counted yet</h1>
      <p>Add this to a page of your app. Figures appear here as soon as somebody opens that page.</p>
      <pre>
        <code>{snippet}</code>
      </pre>
      <p>
        <button class="button" type="button" onClick={() => void copy()}>
          Copy
        </button>{" "}
        <span role="status">{copied}</span>
      </p>
      <p class="help">
        <code>npm run keys -- {app}</code> prints the public key to put in place of{" "}
        <code>hc_pub_{app}_…</code>. Servers report with <code>POST /v1/activity</code>.
      </p>
      <p class="waiting" role="status">
        <i class="pulse" aria-hidden="true" /> Waiting for the first activity
      </p>
    </section>
  );
}
