import { maxRememberedApps, recentAnswers } from "../limits.ts";
import type { PreparedAnswer } from "./answer.ts";
import type { App } from "./app.ts";

/** An answer that was given, or is being worked out. */
interface Entry {
  /** When it was asked for, Unix milliseconds. */
  askedAt: number;
  /** Null while it is being worked out. */
  answer: PreparedAnswer | null;
  hasFailed: boolean;
}

/** What one app was asked, by question. */
interface Book {
  /** The app's when the book was begun. */
  standing: object;
  entries: Map<string, Entry>;
}

const polls = { firstMs: 2, longestMs: 100 };

/**
 * What an isolate has answered within the last second: whoever asks the same again is told the same, and whoever asks while it is
 * being worked out waits for that. So a hundred dashboards cost a roll-up no more than one.
 *
 * An app's answers are forgotten as soon as its roll-up takes up something new, if it runs in this isolate; as soon as the isolate
 * learns of other settings or links; and whenever somebody asks for what is fresh.
 */
export class RecentAnswers {
  readonly #books = new Map<string, Book>();
  #bytes = 0;

  /**
   * Answers a question from memory, or else by `work`. Rejects as `work` does.
   *
   * @param question all that the answer depends on besides the app
   * @param now when it was asked, Unix milliseconds: what was asked `recentAnswers.ms` before or earlier is of no use
   * @param keepAlive keeps the request that works an answer out alive until a promise has settled, because others wait for it
   */
  async ask(
    app: App,
    question: string,
    now: number,
    work: () => Promise<PreparedAnswer>,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<PreparedAnswer> {
    const book = this.#bookOf(app);
    const held = book.entries.get(question);
    if (held !== undefined && Math.abs(now - held.askedAt) < recentAnswers.ms) {
      // Where it came to nothing, or takes long, each asks for itself.
      return held.answer ?? (await answerOf(held)) ?? work();
    }
    if (held !== undefined) this.#bytes -= sizeOf(question, held);
    const entry: Entry = { askedAt: now, answer: null, hasFailed: false };
    book.entries.set(question, entry);
    const working = this.#workOut(app.name.app, book, question, entry, work);
    keepAlive(working.catch(() => {}));
    return working;
  }

  /** From now on what was answered of an app is of no use. */
  forget(app: string): void {
    const book = this.#books.get(app);
    if (book === undefined) return;
    this.#books.delete(app);
    for (const [question, entry] of book.entries) this.#bytes -= sizeOf(question, entry);
  }

  #bookOf({ name: { app }, standing }: App): Book {
    const held = this.#books.get(app);
    if (held?.standing === standing) return held;
    this.forget(app);
    if (this.#books.size >= maxRememberedApps) this.#forgetAll();
    const book = { standing, entries: new Map<string, Entry>() };
    this.#books.set(app, book);
    return book;
  }

  async #workOut(
    app: string,
    book: Book,
    question: string,
    entry: Entry,
    work: () => Promise<PreparedAnswer>,
  ): Promise<PreparedAnswer> {
    // A book that was forgotten meanwhile is found by nobody any more, and neither is what goes into it.
    const isKept = () => this.#books.get(app) === book && book.entries.get(question) === entry;
    try {
      const answer = await work();
      entry.answer = answer;
      if (isKept()) this.#bytes += sizeOf(question, entry);
      if (this.#bytes > recentAnswers.bytes) this.#forgetAll();
      return answer;
    } catch (error) {
      entry.hasFailed = true;
      if (isKept()) book.entries.delete(question);
      throw error;
    }
  }

  #forgetAll(): void {
    this.#books.clear();
    this.#bytes = 0;
  }
}

/**
 * The answer that another request is working out, or null. Looks for it by timers of this request's own: on the engine, nothing that
 * one request settles may be what another one waits for.
 */
async function answerOf(entry: Entry): Promise<PreparedAnswer | null> {
  let waitMs = polls.firstMs;
  for (let waitedMs = 0; waitedMs < recentAnswers.waitMs && !entry.hasFailed; waitedMs += waitMs) {
    waitMs = Math.min(2 * waitMs, polls.longestMs);
    await sleep(waitMs);
    if (entry.answer !== null) return entry.answer;
  }
  return null;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rough bytes of what is kept. */
function sizeOf(question: string, { answer }: Entry): number {
  return answer === null ? 0 : 300 + 2 * (question.length + answer.text.length);
}
