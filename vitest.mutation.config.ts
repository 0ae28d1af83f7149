import { defineConfig } from "vitest/config";

/** The tests that mutants are tried against: those of pure rules, which are over in a moment. */
export default defineConfig({
  test: {
    include: [
      "test/counting/{sliding-union,elastic,group-commit,aliases,app-settings}.test.ts",
      "test/http/rate-limiter.test.ts",
      "test/live/reading.test.ts",
      "test/tokens/token-book.test.ts",
      "test/query/history.test.ts",
    ],
    testTimeout: 60_000,
  },
});
