import "./styles/main.css";
import { render } from "preact";
import { storedKeys, storeKey, takeKeyFromAddress, whyNoKey, withKey } from "./session.ts";
import { applyTheme, themeChoice } from "./theme.ts";
import { ensureUsableLanguage } from "./usable-language.ts";

ensureUsableLanguage();
applyTheme(themeChoice());
const given = takeKeyFromAddress();
const isKey = given !== null && whyNoKey(given) === null;
const keys = isKey ? withKey(storedKeys(), given) : storedKeys();
if (isKey) storeKey(given);
// Only now: the charts' library asks for the reader's language while it is imported.
const [{ App }, { SharedPage }] = await Promise.all([import("./app.tsx"), import("./shared-page.tsx")]);
render(
  location.pathname === "/embed" ? (
    <SharedPage token={new URLSearchParams(location.search).get("view") ?? ""} />
  ) : (
    <App firstKeys={keys} />
  ),
  document.body,
);
