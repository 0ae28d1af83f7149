import { isPlainName } from "../schemas/suggest.ts";

/** Names in one answer: a developer needs the first few. */
const maxNames = 20;

/**
 * Names of what was left out of beats, for whoever sent them. Never values, and no name that doesn't look like one: it may be
 * somebody's id.
 */
export class IgnoredNames {
  readonly #names = new Set<string>();

  note(name: string): void {
    if (this.#names.size < maxNames && isPlainName(name)) this.#names.add(name);
  }

  /** The member of an answer that lists them; none where nothing was left out. */
  toMember(): { ignored?: string[] } {
    return this.#names.size > 0 ? { ignored: [...this.#names] } : {};
  }
}
