import "./styles/main.css";
import { render } from "preact";
import { storedKey, storeKey, takeKeyFromAddress, whyNoKey } from "./session.ts";
import { applyTheme, themeChoice } from "./theme.ts";
import { ensureUsableLanguage } from "./usable-language.ts";

ensureUsableLanguage();
applyTheme(themeChoice());
const given = takeKeyFromAddress();
if (given !== null && whyNoKey(given) === null) storeKey(given);
// Only now: the charts' library asks for the reader's language while it is imported.
const [{ App }, { SharedPage }] = await Promise.all([import("./app.tsx"), import("./shared-page.tsx")]);
render(
  location.pathname === "/embed" ? (
    <SharedPage token={new URLSearchParams(location.search).get("view") ?? ""} />
  ) : (
    <App firstKey={given !== null && whyNoKey(given) === null ? given : storedKey()} />
  ),
  document.body,
);
