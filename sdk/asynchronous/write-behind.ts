import type { KeyValueStorage } from "../index.ts";
import type { AsyncKeyValueStorage } from "./options.ts";

/** Longer than a slow phone takes to read an entry. What takes longer may never answer. */
const answerMs = 2000;

const tooLate = new Error(`storage: no answer in ${answerMs} ms`);

/** Before another try. Doubled with each failure, up to the longest. */
const firstPauseMs = 100;
const longestPauseMs = 60_000;

export interface WriteBehind extends KeyValueStorage {
  /**
   * Reads what is stored, again and again until that succeeds or `stop()` is called. From then on it takes the place of
   * what was written meanwhile, and what is written is stored. Never rejects.
   */
  load(): Promise<void>;

  /** No other try, neither to read nor to write. A write that is on its way goes on. */
  stop(): void;
}

/**
 * An asynchronous storage as the synchronous one that the core asks for: what is written is in memory at once and in
 * storage soon. Nothing is stored before what is there has been read, so a storage that fails for a while loses
 * nothing. All of it is one entry, so no two can disagree.
 *
 * @param onError told of each failure
 */
export function openWriteBehind(
  storage: AsyncKeyValueStorage | undefined,
  name: string,
  onError: (error: Error) => void,
): WriteBehind {
  const items = new Map<string, string>();
  let isLoaded = false;
  let isDirty = false;
  let isWriting = false;
  let isOver = false;
  let endPause = (): void => {};

  /** The one thing that is waited for by the clock. Ended early by `endPause`. */
  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits for an answer no longer than storage is given. */
  async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const isLate = pause(answerMs).then(() => {
      throw tooLate;
    });
    return Promise.race([answer, isLate]).finally(() => endPause());
  }

  function report(error: unknown): void {
    if (!isOver) onError(error instanceof Error ? error : new Error("storage: failed", { cause: error }));
  }

  async function load(): Promise<void> {
    if (!storage) return;
    const isDone = () => isLoaded || isOver;
    for (let failures = 0; !isDone(); failures++) {
      try {
        await inTime(storage.getItem(name).then(take));
      } catch (error) {
        if (!isLoaded || error !== tooLate) report(error);
        if (!isDone()) await pause(pauseAfter(failures));
      }
    }
    if (isLoaded) void write();
  }

  /** An answer that is late is as good as one in time, while there is no other. */
  function take(text: string | null | undefined): void {
    if (isLoaded || isOver) return;
    isLoaded = true;
    endPause();
    const stored = itemsIn(text);
    if (stored.length > 0) items.clear();
    for (const [item, value] of stored) items.set(item, value);
  }

  /** One write at a time, for a later one must not be overtaken; what changes meanwhile goes with the next. */
  async function write(): Promise<void> {
    if (isWriting || !isLoaded || !storage) return;
    isWriting = true;
    for (let failures = 0; isDirty;) {
      isDirty = false;
      try {
        const written = storage.setItem(name, JSON.stringify([...items]));
        await inTime(written).catch((error) => {
          if (error !== tooLate) throw error;
          report(error);
          return written;
        });
        failures = 0;
      } catch (error) {
        report(error);
        if (isOver) break;
        isDirty = true;
        await pause(pauseAfter(failures++));
      }
    }
    isWriting = false;
  }

  return {
    load,
    stop() {
      isOver = true;
      endPause();
    },
    getItem: (item) => items.get(item) ?? null,
    setItem(item, value) {
      if (items.get(item) === value) return;
      items.set(item, value);
      isDirty = true;
      void write();
    },
  };
}

function pauseAfter(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
}

/** What was written, or nothing if it is not what is written here. */
function itemsIn(text: string | null | undefined): [string, string][] {
  const items: unknown = JSON.parse(text ?? "[]");
  if (!Array.isArray(items) || !items.every(isItem)) throw new TypeError("storage: holds something else");
  return items;
}

function isItem(item: unknown): item is [string, string] {
  return Array.isArray(item) && item.length === 2 && item.every((part) => typeof part === "string");
}
