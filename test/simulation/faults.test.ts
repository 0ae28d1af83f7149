import { describe, expect, test } from "vitest";
import { faults } from "./faults.ts";
import { simulate } from "./simulate.ts";

/** The rarest of them shows itself in one seed out of a hundred. */
const mostSeeds = 1000;

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
