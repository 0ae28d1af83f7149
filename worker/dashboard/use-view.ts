import { useCallback, useEffect, useState } from "preact/hooks";
import { type ChangeView, readView, type View, writeView } from "./view.ts";

/** The view of the address, and what changes it there; each view is an entry of the history. */
export function useView(): [View, ChangeView] {
  const [view, setView] = useState(() => readView(location.search));
  useEffect(() => {
    const moved = () => setView(readView(location.search));
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const change = useCallback<ChangeView>((part, isCorrection = false) => {
    const after = { ...readView(location.search), ...part };
    const address = location.pathname + writeView(after);
    if (isCorrection) history.replaceState(history.state, "", address);
    else if (address !== location.pathname + location.search) history.pushState(null, "", address);
    setView(after);
  }, []);
  return [view, change];
}
