import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Headcount, init } from "../../sdk/index.ts";
import { openClient, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

/** How many requests a visible page sends in which these globals are found. */
async function requestsWith(
  globals: Record<string, unknown>,
  options: Parameters<typeof openClient>[0] = {},
): Promise<number> {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const { headcount, server, storage } = openClient(options);
  headcount.identify("u-42");
  await pass(1000);
  headcount.shutdown();
  vi.unstubAllGlobals();
  vi.stubGlobal("navigator", {});
  if (server.requests.length === 0) expect(storage.items.size).toBe(0);
  return server.requests.length;
}

const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";

test.each<[string, Record<string, unknown>]>([
  ["a driver that says so", { navigator: { webdriver: true } }],
  ["Cypress", { Cypress: {} }],
  ["Playwright", { __playwright__binding__: () => {} }],
  ["Playwright's init scripts", { __pwInitScripts: {} }],
  ["PhantomJS", { _phantom: {} }],
  ["Nightmare", { __nightmare: {} }],
  [
    "Chrome without a window",
    { navigator: { userAgent: `${userAgent} HeadlessChrome/147.0.0.0 Safari/537.36` } },
  ],
  ["jsdom", { navigator: { userAgent: `${userAgent} jsdom/27.0.0` } }],
  ["happy-dom", { navigator: { userAgent: `${userAgent} HappyDOM/20.0.0` } }],
])("%s is a test run, which is counted only where the app wants it", async (_, globals) => {
  expect(await requestsWith(globals)).toBe(0);
  expect(await requestsWith(globals, { includeBots: true })).toBe(1);
});

test.each([
  `${userAgent} Chrome/147.0.0.0 Safari/537.36`,
  `${userAgent} Chrome/147.0.0.0 Electron/41.0.0 Safari/537.36`,
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
])("somebody with %s is a person", async (agent) => {
  expect(await requestsWith({ navigator: { userAgent: agent } })).toBe(1);
});

test.each(["HeadlessUI", "__pwaInstallPrompt", "_phantomWallet", "jsdomLike", "__nightmares"])(
  "a page with a global named %s has visitors as any other",
  async (name) => {
    expect(await requestsWith({ [name]: {} })).toBe(1);
  },
);

const at = (href: string) => ({ location: new URL(href) });

test.each([
  "http://localhost:5173/",
  "https://127.0.0.1:3000/a?b",
  "http://0.0.0.0:4200/",
  "http://[::1]:8080/",
  "http://app.localhost:3000/",
])("a page on %s counts for an endpoint that is local too, and for no other", async (href) => {
  const elsewhere = { endpoint: "https://headcount.example.com" };
  expect(await requestsWith(at(href), elsewhere)).toBe(0);
  expect(await requestsWith(at(href), { ...elsewhere, includeBots: true })).toBe(1);
  for (const endpoint of ["http://localhost:8787", "http://127.0.0.1:8787/", "/hb"]) {
    expect(await requestsWith(at(href), { endpoint })).toBe(1);
  }
});

test.each([
  "https://example.com/",
  "https://localhost.example.com:8443/",
  "https://example.com/?from=http://localhost:3000/",
  // Where apps in Capacitor, Tauri, Electron and extensions live.
  "https://localhost/",
  "capacitor://localhost/",
  "http://tauri.localhost/",
  "file:///opt/app/index.html",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop/popup.html",
])("a page on %s counts", async (href) => {
  expect(await requestsWith(at(href))).toBe(1);
});

test("without an endpoint, or any options, nothing is sent, and nothing is thrown", async () => {
  const headcount = (init as unknown as () => Headcount)();
  headcount.identify("u-42");
  headcount.shutdown();
  expect(await requestsWith({}, { endpoint: undefined as unknown as string })).toBe(0);
});

test.each(["https://hc.test/", "https://hc.test//"])(
  "a slash at the end of %s is taken off",
  async (endpoint) => {
    const { server } = openClient({ endpoint });
    await pass(0);
    expect(server.requests[0]?.url).toBe("https://hc.test/v1/heartbeat");
  },
);
