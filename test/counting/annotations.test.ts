import fc from "fast-check";
import { expect, test } from "vitest";
import { Annotations } from "../../worker/counting/annotations.ts";
import { maxAnnotations } from "../../worker/limits.ts";
import { MemoryStore } from "../support/memory-store.ts";

const dayAfter = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);

test("whatever is put and removed, in any order, the list is that of a map by day", () => {
  const day = fc.integer({ min: -40, max: 40 }).map(dayAfter);
  const step = fc.record({ day, text: fc.option(fc.string({ minLength: 1, maxLength: 9 })) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = new MemoryStore();
      const annotations = new Annotations(store);
      const truth: Record<string, string> = {};
      for (const { day: of, text } of steps) {
        if (text === null) {
          annotations.remove(of);
          delete truth[of];
        } else {
          expect(annotations.put([{ day: of, text }])).toBeNull();
          truth[of] = text;
        }
      }
      const expected = Object.keys(truth)
        .toSorted()
        .map((of) => ({ day: of, text: truth[of] }));
      expect(annotations.list()).toEqual(expected);
      // Another instance reads the same from what is stored.
      expect(new Annotations(store).list()).toEqual(expected);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test("there are no more than fit, and one more changes nothing until another goes", () => {
  const annotations = new Annotations(new MemoryStore());
  const all = Array.from({ length: maxAnnotations }, (_, index) => ({ day: dayAfter(index), text: "a" }));
  expect(annotations.put(all)).toBeNull();
  const oneMore = { day: dayAfter(maxAnnotations), text: "b" };
  expect(annotations.put([oneMore])).toContain(`at most ${maxAnnotations} annotations`);
  expect(annotations.adopt([oneMore])).toContain(`at most ${maxAnnotations} annotations`);
  expect(annotations.list()).toEqual(all);
  // What is there may be reworded at any time.
  expect(annotations.put([{ day: dayAfter(3), text: "c" }])).toBeNull();
  annotations.remove(dayAfter(0));
  expect(annotations.put([oneMore])).toBeNull();
  expect(annotations.list()).toHaveLength(maxAnnotations);
  expect(annotations.list().at(-1)).toEqual(oneMore);
});
