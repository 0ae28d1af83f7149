import { maxListedErrors } from "../limits.ts";

/** Counts what was refused of a body and keeps the first few in words. */
export class Refusals {
  count = 0;
  readonly listed: { line: number; error: string }[] = [];

  note(line: number, error: string | null): void {
    if (error === null) return;
    this.count++;
    if (this.listed.length < maxListedErrors) this.listed.push({ line, error });
  }
}
