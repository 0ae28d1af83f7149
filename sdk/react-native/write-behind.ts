import type { KeyValueStorage } from "../index.ts";
import type { AsyncKeyValueStorage } from "./options.ts";

/**
 * An asynchronous storage as the synchronous one that the core asks for: what is in there is loaded first, and what is
 * written is in memory at once and in storage soon. All of it is one entry, so no two can disagree.
 *
 * @param onError told of each failure; memory goes on
 */
export async function openWriteBehind(
  storage: AsyncKeyValueStorage | undefined,
  name: string,
  onError: (error: Error) => void,
): Promise<KeyValueStorage> {
  const items = new Map<string, string>();
  let isDirty = false;
  let isWriting = false;

  try {
    for (const [item, value] of itemsIn(await storage?.getItem(name))) items.set(item, value);
  } catch (error) {
    onError(asError(error));
  }

  /** One write at a time, for a later one must not be overtaken; what changes meanwhile goes with the next. */
  async function write(): Promise<void> {
    if (isWriting || !storage) return;
    isWriting = true;
    while (isDirty) {
      isDirty = false;
      try {
        await storage.setItem(name, JSON.stringify([...items]));
      } catch (error) {
        onError(asError(error));
      }
    }
    isWriting = false;
  }

  return {
    getItem: (item) => items.get(item) ?? null,
    setItem(item, value) {
      if (items.get(item) === value) return;
      items.set(item, value);
      isDirty = true;
      void write();
    },
  };
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("storage: failed", { cause: error });
}
