import "./styles/main.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { storedKey, storeKey, takeKeyFromAddress, whyNoReadKey } from "./session.ts";
import { applyTheme, themeChoice } from "./theme.ts";

applyTheme(themeChoice());
const given = takeKeyFromAddress();
if (given !== null && whyNoReadKey(given) === null) storeKey(given);
render(
  <App firstKey={given !== null && whyNoReadKey(given) === null ? given : storedKey()} />,
  document.body,
);
