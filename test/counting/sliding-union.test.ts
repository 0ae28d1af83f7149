import fc from "fast-check";
import { expect, test } from "vitest";
import { SlidingUnion } from "../../worker/counting/sliding-union.ts";

test("a sliding union is the union of what is in the window, at a few unions a step", () => {
  const step = fc.oneof(fc.constant("shift" as const), fc.uniqueArray(fc.nat(30), { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      let unions = 0;
      const sliding = new SlidingUnion<Set<number>>((a, b) => {
        unions++;
        return new Set([...a, ...b]);
      });
      const window: Set<number>[] = [];
      for (const one of steps) {
        if (one === "shift") {
          sliding.shift();
          window.shift();
        } else {
          sliding.push(new Set(one));
          window.push(new Set(one));
        }
        expect(sliding.size).toBe(window.length);
        const all = window.length === 0 ? null : new Set(window.flatMap((set) => [...set]));
        const union = sliding.union();
        expect(union === null ? null : [...union].toSorted((a, b) => a - b)).toEqual(
          all === null ? null : [...all].toSorted((a, b) => a - b),
        );
      }
      // Each element is united once when it comes and once when the stacks turn, and each answer takes one.
      expect(unions).toBeLessThanOrEqual(3 * steps.length);
    }),
    { numRuns: 300, seed: 6 },
  );
});
