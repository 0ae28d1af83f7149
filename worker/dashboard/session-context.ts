import { createContext } from "preact";
import type { AskProblem } from "./api.ts";
import type { Failed } from "./outage.ts";
import type { AppFacts } from "./status.ts";
import type { Turns } from "./turns.ts";
import { type ChangeView, readView, type View } from "./view.ts";

/** What every panel knows. */
export interface Session {
  /** The read or secret key, or the token of the shared view. */
  key: string;
  /** Whether it is a shared view, which its reader can't change. */
  isShared: boolean;
  app: string;
  /** Null until the service has told them. */
  facts: AppFacts | null;
  /** The zone in which days are cut; UTC until it is known, and where this browser doesn't know it. */
  appZone: string;
  /** The day of the first activity, in the app's zone; the far past until it is known. */
  firstDate: string;
  view: View;
  setView: ChangeView;
  /** The zone in which times are written. */
  zone: string;
  /** Signs out because the key was refused. */
  refuse: (problem: AskProblem) => void;
  /** Notes that a question fails, or with null that it no longer does. */
  report: (asker: object, failed: Failed | null) => void;
  /** The problem of several questions, which the page says by itself; or null. */
  outage: AskProblem | null;
  /** Where many ask, they wait for each other. */
  turns?: Turns;
}

export const SessionContext = createContext<Session>({
  key: "",
  isShared: false,
  app: "",
  facts: null,
  appZone: "UTC",
  firstDate: "",
  view: readView(""),
  setView() {},
  zone: "UTC",
  refuse() {},
  report() {},
  outage: null,
});
