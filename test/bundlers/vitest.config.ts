import { defineConfig } from "vitest/config";

/** `npm run test:bundlers`. Apart from `npm test`, for it installs a gigabyte of other people's tools. */
export default defineConfig({
  test: {
    name: "bundlers",
    include: ["test/bundlers/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
