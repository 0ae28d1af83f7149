import { useEffect, useState } from "preact/hooks";

export type ThemeChoice = "auto" | "light" | "dark";

const name = "headcount-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", paint);
let chosen: ThemeChoice = "auto";

/** What was chosen on this device; `auto` follows the system. */
export function themeChoice(): ThemeChoice {
  try {
    const said = localStorage.getItem(name);
    return said === "light" || said === "dark" ? said : "auto";
  } catch {
    return "auto";
  }
}

/** Puts a choice into effect, and keeps it. The style sheet does the rest. */
export function applyTheme(choice: ThemeChoice): void {
  try {
    if (choice === "auto") localStorage.removeItem(name);
    else localStorage.setItem(name, choice);
  } catch {
    // It then lasts as long as the page.
  }
  chosen = choice;
  paint();
}

function paint(): void {
  const system = dark.matches ? "dark" : "light";
  document.documentElement.dataset["theme"] = chosen === "auto" ? system : chosen;
  dispatchEvent(new Event("themechange"));
}

/** Changes whenever the colours do, for what is painted and can't follow the style sheet by itself. */
export function useTheme(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const changed = () => setCount((before) => before + 1);
    addEventListener("themechange", changed);
    return () => removeEventListener("themechange", changed);
  }, []);
  return count;
}

/** A colour of the style sheet by its name, such as `--accent`. */
export function colour(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}
