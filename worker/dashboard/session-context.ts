import { createContext } from "preact";
import type { AskProblem } from "./api.ts";
import type { AppFacts } from "./status.ts";
import { readView, type View } from "./view.ts";

/** What every panel knows. */
export interface Session {
  /** The read key. */
  key: string;
  app: string;
  /** Null until the service has told them. */
  facts: AppFacts | null;
  /** The day of the first activity, in the app's zone; the far past until it is known. */
  firstDate: string;
  view: View;
  setView: (change: Partial<View>) => void;
  /** The zone in which times are written. */
  zone: string;
  /** Signs out because the key was refused. */
  refuse: (problem: AskProblem) => void;
}

export const SessionContext = createContext<Session>({
  key: "",
  app: "",
  facts: null,
  firstDate: "",
  view: readView(""),
  setView() {},
  zone: "UTC",
  refuse() {},
});
