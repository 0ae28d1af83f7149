import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** A secret for tests alone: 32 bytes, base64url. */
const testSecret = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC1zZWM";

/** Polling ends when what is waited for is there; a loaded machine may take its time. */
const patient = { poll: { timeout: 20_000 } };

/** Ends what hangs, and nothing else: a machine that is ten times as slow fails no test. */
const testTimeout = 600_000;

/** The SDK's sources as their development build has them. */
const define = { __DEV__: "true" };

export default defineConfig({
  test: {
    // On two cores too: most of the time a test of a real server or browser waits.
    maxWorkers: 4,
    // Of the rules that run in plain Node, by their own tests: `npm run coverage`.
    coverage: {
      provider: "istanbul",
      include: ["worker/{counting,http,ingest,live,query,schemas,sketch,tokens,transfer}/**/*.ts"],
      reporter: ["text"],
      // Just beneath what there is. What is missing of queries and schemas is tested through the doors, inside workerd.
      thresholds: {
        "worker/counting/**": { statements: 93, branches: 87, functions: 94, lines: 94 },
        "worker/http/**": { statements: 100, branches: 98, functions: 100, lines: 100 },
        "worker/ingest/**": { statements: 86, branches: 73, functions: 90, lines: 91 },
        "worker/live/**": { statements: 100, branches: 97, functions: 100, lines: 100 },
        "worker/query/**": { statements: 74, branches: 70, functions: 73, lines: 76 },
        "worker/schemas/**": { statements: 70, branches: 86, functions: 78, lines: 68 },
        "worker/sketch/**": { statements: 100, branches: 98, functions: 100, lines: 100 },
        "worker/tokens/**": { statements: 100, branches: 100, functions: 100, lines: 100 },
        "worker/transfer/**": { statements: 100, branches: 98, functions: 100, lines: 100 },
      },
    },
    projects: [
      {
        // The Worker in plain Node: what the bundler takes in as text or leaves to the engine is of no interest there.
        plugins: [
          {
            name: "files",
            load: (id: string) => (/\.(txt|bin)$/.test(id) ? "export default ''" : undefined),
          },
        ],
        define,
        resolve: {
          alias: { "cloudflare:workers": `${import.meta.dirname}/test/simulation/cloudflare-workers.ts` },
        },
        test: {
          name: "unit",
          expect: patient,
          include: [
            "test/{simulation,dashboard,sketch,counting,http,schemas,app,transfer,ingest,query,sdk,tokens,live,docs}/**/*.test.ts",
          ],
          testTimeout,
        },
      },
      {
        define,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            // Commits follow each other sooner than in the wild, since tests wait for one after the other.
            miniflare: { bindings: { HEADCOUNT_SECRET: testSecret, COMMIT_WINDOW_MS: "20" } },
          }),
        ],
        test: {
          name: "workerd",
          expect: patient,
          include: ["test/worker/**/*.test.ts"],
          testTimeout,
        },
      },
      {
        define,
        // Real processes and real browsers, which have ports and folders of their own.
        test: {
          name: "system",
          expect: patient,
          include: ["test/{system,browser}/**/*.test.ts"],
          testTimeout,
          hookTimeout: testTimeout,
        },
      },
    ],
  },
});
