import type { Annotation } from "../../sdk/wire.ts";
import { maxAnnotations } from "../limits.ts";
import type { MetaStore } from "./meta-store.ts";

/** What an app's owner noted of days, such as a release: one text a day. */
export class Annotations {
  readonly #store: MetaStore;

  constructor(store: MetaStore) {
    this.#store = store;
  }

  /** All of them, the oldest day first. */
  list(): Annotation[] {
    return (this.#store.getMeta("annotations") as Annotation[] | null) ?? [];
  }

  /** Notes these texts in place of what their days had. Returns in words why there is no room for them, or null. */
  put(annotations: readonly Annotation[]): string | null {
    const byDay = new Map(this.list().map((annotation) => [annotation.day, annotation]));
    for (const annotation of annotations) byDay.set(annotation.day, annotation);
    if (byDay.size > maxAnnotations) {
      return `expected at most ${maxAnnotations} annotations: delete one that is no longer needed`;
    }
    this.#write([...byDay.values()]);
    return null;
  }

  /** Takes over those of another place. Where a day has a text here, that stays. Returns what `put` does. */
  adopt(annotations: readonly Annotation[]): string | null {
    const known = new Set(this.list().map(({ day }) => day));
    const news = annotations.filter(({ day }) => !known.has(day));
    return news.length === 0 ? null : this.put(news);
  }

  /** Removes the annotation of a day, `YYYY-MM-DD`. Where there is none nothing changes. */
  remove(day: string): void {
    const all = this.list();
    const kept = all.filter((annotation) => annotation.day !== day);
    if (kept.length < all.length) this.#write(kept);
  }

  #write(annotations: Annotation[]): void {
    // Days are written so that their texts sort as they do.
    const inOrder = annotations.toSorted((a, b) => (a.day < b.day ? -1 : 1));
    this.#store.putMeta("annotations", inOrder);
  }
}
