import { ok, type Result } from "../result.ts";
import { decodeLine, type ExportRecord, sketchIn } from "./export-line.ts";

/** Why an import is refused: the file is damaged, or it does not belong to this app. */
type Why = "damaged-export" | "conflict";

/** Reads the lines of one or several exports, one after the other, and tells which one is wrong. */
export class ExportReader {
  readonly #app: { app: string; keyId: number };
  #isOpen = false;
  /** The number of the last line that was read. */
  lastLine = 0;
  /** Records so far, without heads and ends. */
  records = 0;
  hasAliases = false;

  /** @param app into which the exports are to be taken */
  constructor(app: { app: string; keyId: number }) {
    this.#app = app;
  }

  /** The record to be taken, or null for a head or an end. */
  read(number: number, line: { value: unknown } | { error: string }): Result<ExportRecord | null, Why> {
    this.lastLine = number;
    const refuse = (why: Why, error: string) =>
      ({ ok: false, why, error: `line ${number}: ${error}` }) as const;
    if ("error" in line) return refuse("damaged-export", "not JSON, or too long");
    const decoded = decodeLine(line.value);
    if (!decoded.ok) return refuse("damaged-export", decoded.error);
    const record = decoded.value;
    if ("head" in record) {
      const complaint = this.#complaintAbout(record.head);
      if (complaint !== null) return refuse("conflict", complaint);
      this.#isOpen = true;
      return ok(null);
    }
    if ("end" in record) {
      this.#isOpen = false;
      return ok(null);
    }
    if (!this.#isOpen) return refuse("damaged-export", "expected the head of an export first");
    if ("sketch" in record && sketchIn(record.sketch).keyId !== this.#app.keyId) {
      return refuse("conflict", "a sketch was counted under another key than the head of the export names");
    }
    this.records++;
    this.hasAliases ||= "alias" in record;
    return ok(record);
  }

  /** Says so where the last export has no end. */
  finish(): Result<null, Why> {
    if (this.lastLine > 0 && !this.#isOpen) return ok(null);
    return {
      ok: false,
      why: "damaged-export",
      error: `the export is incomplete: it ends after line ${this.lastLine}. The lines so far are imported; export the rest with ?after= and the cursor of that line`,
    };
  }

  #complaintAbout({ app, keyId }: { app: string; keyId: number }): string | null {
    if (app !== this.#app.app) return `this is an export of the app ${app}: import it with a key of that app`;
    if (keyId === this.#app.keyId) return null;
    return "it was counted under another HEADCOUNT_SECRET, so people can't be matched: expected the same secret in both places";
  }
}
