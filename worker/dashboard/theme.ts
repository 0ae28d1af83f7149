import { useEffect, useState } from "preact/hooks";

export type ThemeChoice = "auto" | "light" | "dark";

const name = "headcount-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** What was chosen on this device; `auto` follows the system. */
export function themeChoice(): ThemeChoice {
  try {
    const said = localStorage.getItem(name);
    return said === "light" || said === "dark" ? said : "auto";
  } catch {
    return "auto";
  }
}

/** Puts a choice into effect. The style sheet does the rest. */
export function applyTheme(choice: ThemeChoice): void {
  if (choice === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  try {
    if (choice === "auto") localStorage.removeItem(name);
    else localStorage.setItem(name, choice);
  } catch {
    // It then lasts as long as the page.
  }
  dispatchEvent(new Event("themechange"));
}

/** Changes whenever the colours do, for what is painted and can't follow the style sheet by itself. */
export function useTheme(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const changed = () => setCount((before) => before + 1);
    addEventListener("themechange", changed);
    dark.addEventListener("change", changed);
    return () => {
      removeEventListener("themechange", changed);
      dark.removeEventListener("change", changed);
    };
  }, []);
  return count;
}

/** A colour of the style sheet by its name, such as `--accent`. */
export function colour(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}
