import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createContext, runInContext } from "node:vm";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HeartbeatRequest } from "../../sdk/wire.ts";
import { launchBrowser } from "../support/browser.ts";
import { bundlers, type Mode, type Site } from "./bundlers.ts";
import { openWorkshop, type Workshop } from "./workshop.ts";

/** Tried together in November 2026. */
const tools = {
  "@react-native/babel-preset": "0.88.1",
  "@react-native/metro-config": "0.88.1",
  "@rollup/plugin-node-resolve": "16.0.3",
  "@types/react": "19.3.0",
  esbuild: "0.28.2",
  jest: "30.5.2",
  metro: "0.87.1",
  next: "16.4.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rollup: "4.68.8",
  "typescript-4": "npm:typescript@4.9.5",
  "typescript-5": "npm:typescript@5.9.3",
  vite: "8.3.8",
  webpack: "5.112.2",
  "webpack-4": "npm:webpack@4.47.0",
};

let workshop: Workshop;
let browser: Browser;

beforeAll(async () => {
  workshop = await openWorkshop(tools);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await workshop?.remove();
});

/** Opens a page, perhaps in a browser that asks not to be tracked. What it sends is counted by nobody but this test. */
async function visit({ url }: Site, hasGpc = false) {
  const context = await browser.newContext();
  if (hasGpc) await context.addInitScript("navigator.__proto__.globalPrivacyControl = true");
  const sent: HeartbeatRequest[] = [];
  const said: string[] = [];
  await context.route("**/v1/heartbeat", (route) => {
    sent.push(route.request().postDataJSON() as HeartbeatRequest);
    return route.fulfill({ json: { accepted: 1, rejected: [], interval: 300 } });
  });
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url);
  return { page, sent, said, close: () => context.close() };
}

const modes: Mode[] = ["development", "production"];
const matrix = Object.keys(bundlers).flatMap((name) => modes.map((mode) => ({ name, mode })));

test.each(matrix)("$name takes the build for $mode, and it counts", async ({ name, mode }) => {
  // Vitest's own would be neither.
  vi.stubEnv("NODE_ENV", mode);
  const site = await (bundlers[name] as (typeof bundlers)[string])(workshop, mode);
  try {
    const counted = await visit(site);
    await vi.waitFor(() => expect(counted.sent).toHaveLength(1), 30_000);
    expect(counted.sent).toMatchObject([{ key: "hc_pub_app_mac", beats: [{ user: "u-42" }] }]);
    if (name !== "next") expect(await counted.page.title()).toBe("shared");
    await counted.close();

    const refused = await visit(site, true);
    const talks = mode === "development" && name !== "webpack 4";
    if (talks) await vi.waitFor(() => expect(headcountIn(refused.said)).not.toEqual([]), 30_000);
    else await refused.page.waitForTimeout(500);
    expect(refused.sent).toEqual([]);
    if (!talks) expect([...headcountIn(counted.said), ...headcountIn(refused.said)]).toEqual([]);
    await refused.close();
  } finally {
    vi.unstubAllEnvs();
    await site.close();
  }
});

function headcountIn(said: string[]): string[] {
  return said.filter((text) => /headcount/i.test(text));
}

test.each([
  ["development", {}],
  ["production", {}],
  // React Native before 0.79 did not look at `exports`.
  ["development", { unstable_enablePackageExports: false }],
  ["production", { unstable_enablePackageExports: false }],
] as const)("Metro takes the build for %s, and it counts (%j)", async (mode, resolver) => {
  const { default: Metro } = await workshop.tool<{ default: Metro }>("metro");
  const { getDefaultConfig } = await workshop.tool<{ getDefaultConfig: (dir: string) => MetroConfig }>(
    "@react-native/metro-config",
  );
  const { dir } = workshop;
  const preset = join(dir, "node_modules/@react-native/babel-preset");
  await writeFile(join(dir, "babel.config.js"), `module.exports = { presets: [${JSON.stringify(preset)}] };`);
  const defaults = getDefaultConfig(dir);
  const config = await Metro.loadConfig(
    { cwd: dir, resetCache: true },
    {
      ...defaults,
      projectRoot: dir,
      reporter: { update() {} },
      resolver: { ...defaults.resolver, ...resolver, useWatchman: false },
      // React Native itself isn't here.
      serializer: { getModulesRunBeforeMainModule: () => [], getPolyfills: () => [] },
      transformer: {
        ...defaults.transformer,
        babelTransformerPath: join(dir, "node_modules/@react-native/metro-babel-transformer"),
      },
    },
  );
  const out = join(dir, "out/phone.js");
  await Metro.runBuild(config, {
    entry: "app/phone.js",
    platform: "ios",
    dev: mode === "development",
    minify: mode === "production",
    out,
  });
  const code = await readFile(out, "utf8");

  for (const hasGpc of [false, true]) {
    const phone = openPhoneContext(hasGpc);
    runInContext(code, phone.context);
    if (!hasGpc) await vi.waitFor(() => expect(phone.sent).toHaveLength(1), 5000);
    else if (mode === "development") await vi.waitFor(() => expect(phone.said).not.toEqual([]), 5000);
    else await sleep(200);
    phone.end();
    expect(phone.sent).toHaveLength(hasGpc ? 0 : 1);
    if (mode === "production") expect(phone.said).toEqual([]);
  }
});

interface MetroConfig {
  resolver: object;
  transformer: object;
}
interface Metro {
  loadConfig(argv: object, defaults: object): Promise<object>;
  runBuild(config: object, options: object): Promise<unknown>;
}

/** What React Native has, and nothing of a browser's. */
function openPhoneContext(hasGpc: boolean) {
  const sent: unknown[] = [];
  const said: unknown[][] = [];
  const context = createContext({
    setTimeout,
    clearTimeout,
    AbortController,
    Response,
    navigator: { product: "ReactNative", globalPrivacyControl: hasGpc },
    crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
    console: { ...console, warn: (...words: unknown[]) => said.push(words) },
    appState: { currentState: "active", addEventListener: () => ({ remove() {} }) },
    options: {
      endpoint: "https://hc.test",
      key: "hc_pub_app_mac",
      fetch: (_: string, request: RequestInit) => {
        sent.push(request.body);
        return Promise.resolve(Response.json({ accepted: 1, rejected: [], interval: 300 }));
      },
    },
  });
  return {
    context,
    sent,
    said,
    end: () => (context["end"] as () => void)(),
  };
}

test("Jest, which requires CommonJS, runs it", async () => {
  const { dir, node } = workshop;
  await mkdir(join(dir, "jest"), { recursive: true });
  await writeFile(
    join(dir, "jest/headcount.test.js"),
    `const { init } = require("headcount");
     const { createHeadcount } = require("headcount/server");
     const { Heartbeat } = require("headcount/react");
     test("it is there", () => {
       const headcount = init({ endpoint: "https://hc.test", key: "hc_pub_app_mac" });
       headcount.identify("u-42");
       headcount.shutdown();
       expect([typeof createHeadcount, typeof Heartbeat]).toEqual(["function", "function"]);
     });`,
  );
  const { stderr } = await node(["node_modules/jest/bin/jest.js", "--rootDir", "jest", "--config", "{}"]);
  expect(stderr).toContain("1 passed");
});

const consumer = `
import { init } from "headcount";
import { init as initInBackground } from "headcount/background";
import { Heartbeat } from "headcount/react";
import { init as initNative } from "headcount/react-native";
import { createHeadcount } from "headcount/server";
import { connect, observe } from "headcount/socket";
import { headcountPlugin } from "headcount/supertokens";
import { startHeadcount } from "headcount/testing";
import { init as initWithTokens } from "headcount/tokens";
declare const session: { userId: string; tenant: string } | undefined;
const headcount = init({ endpoint: "e", key: "k" });
headcount.identify("u-42");
export const end: () => void = connect(headcount);
observe(headcount, new WebSocket("wss://app.test"));
const appState = { currentState: "active", addEventListener: () => ({ remove() {} }) };
connect(initNative({ endpoint: "e", key: "k", appState }));
initWithTokens({ endpoint: "e", key: "k", getIdentity: () => "jwt" });
initInBackground({ endpoint: "e", key: "k" }).heartbeat();
const client = createHeadcount({ endpoint: "e", secretKey: "k" });
client.touch("u-42");
export const counts: Promise<number[]> = client.query
  .active({ window: ["24h"] })
  .then(({ windows }) => windows.map(({ count }) => count ?? 0));
export const { session: override } = headcountPlugin(client).overrideMap;
export const stopped: Promise<void> = startHeadcount().then((service) => service.stop());
export const element = (
  <Heartbeat endpoint="e" publicKey="k" user={session?.userId} dimensions={{ tenant: session?.tenant }} connect={connect} />
);
// @ts-expect-error not an option, so the types are not any
init({ endpoint: "e", key: "k", nonsense: true });
`;

/** TypeScript 4.9 does not know `bundler` yet. */
const resolutions = [
  { version: "typescript-4", module: "commonjs", moduleResolution: "node" },
  { version: "typescript-4", module: "esnext", moduleResolution: "node" },
  { version: "typescript-4", module: "node16", moduleResolution: "node16" },
  { version: "typescript-5", module: "commonjs", moduleResolution: "node" },
  { version: "typescript-5", module: "esnext", moduleResolution: "node" },
  { version: "typescript-5", module: "node16", moduleResolution: "node16" },
  { version: "typescript-5", module: "esnext", moduleResolution: "bundler" },
];

const typesTest = "the types are right for $version with $module modules, resolved by $moduleResolution";
test.each(resolutions)(typesTest, async ({ version, ...options }) => {
  const { dir, node } = workshop;
  await mkdir(join(dir, "types"), { recursive: true });
  await writeFile(join(dir, "types/consumer.tsx"), consumer);
  const compilerOptions = {
    ...options,
    noEmit: true,
    strict: true,
    target: "es2022",
    types: [],
    lib: ["es2022", "dom"],
    jsx: "react-jsx",
    esModuleInterop: true,
  };
  await writeFile(
    join(dir, "types/tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["consumer.tsx"] }),
  );
  const errors = await node([`node_modules/${version}/bin/tsc`, "-p", "types"]).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  expect(errors).toBe("");
});
