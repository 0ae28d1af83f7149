import type { Options } from "./options.ts";

declare global {
  interface Navigator {
    /** A draft of the W3C (2026), and so not in TypeScript's types. */
    readonly globalPrivacyControl?: boolean;
  }
}

/** What drivers of tests leave on a page beside, or without, `navigator.webdriver`. */
const driver = /(^|,)(Cypress|__pw|__playwright|_phantom|__nightmare|domAutomation)/;
const simulated = /headless|jsdom|happydom|phantomjs/i;

/** A developer's page. Those of apps are on `localhost` too (Capacitor, Tauri), but without a port. */
const localhost = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\]|[^/]+\.localhost):/;

/** Somebody asks not to be tracked. */
export function objects(options: Options): boolean {
  return !!globalThis.navigator?.globalPrivacyControl && !options.ignoreGpc;
}

/** Nobody sits at this browser. */
export function isTestRun(): boolean {
  const { webdriver, userAgent } = globalThis.navigator ?? {};
  return webdriver || simulated.test(userAgent) || driver.test(Object.keys(globalThis).join());
}

/** A developer's page reports to a service that counts the public. */
export function isLocalPage({ endpoint }: Options): boolean {
  const { href } = globalThis.location ?? {};
  return localhost.test(href) && !localhost.test(new URL(endpoint, href) as unknown as string);
}

/** Whether this browser may be counted, and there is somewhere to report to. */
export function mayCount(options: Options): boolean {
  return (
    options.endpoint !== undefined &&
    !objects(options) &&
    (options.includeBots || !(isTestRun() || isLocalPage(options)))
  );
}
