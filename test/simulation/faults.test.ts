import { describe, expect, test } from "vitest";
import { faults } from "./faults.ts";
import { simulate } from "./simulate.ts";

/** Most show themselves within 30 seeds, the rarest within 200. */
const mostSeeds = 500;

describe("the simulation finds a planted fault", () => {
  for (const [name, plant] of Object.entries(faults)) {
    test(name, async () => {
      const remove = plant();
      try {
        let isFound = false;
        for (let seed = 1; seed <= mostSeeds && !isFound; seed++) {
          isFound = (await simulate(seed)).complaints.length > 0;
        }
        expect(isFound).toBe(true);
      } finally {
        remove();
      }
    });
  }
});
