import type { Options } from "./options.ts";

declare global {
  interface Navigator {
    /** A draft of the W3C (2026), and so not in TypeScript's types. */
    readonly globalPrivacyControl?: boolean;
  }
}

/** What drivers of tests leave in the user agent, or among the globals, beside or without `navigator.webdriver`. */
const driver = /headless|jsdom|happydom|,(cypress|_+(pw|playwright|phantom|nightmare))/i;

/** A developer's page. Those of apps are on `localhost` too (Capacitor, Tauri), but without a port. */
const localhost = /^(127\.|\[::1|(.+\.)?localhost$)/;

/** Whether this browser may be counted, and there is somewhere to report to. */
export function mayCount({ endpoint, ignoreGpc, includeBots }: Options): boolean {
  const { globalPrivacyControl, webdriver, userAgent } = globalThis.navigator ?? {};
  const { href, hostname, port } = globalThis.location ?? {};
  const isTestRun = () => webdriver || driver.test(`${userAgent},${Object.keys(globalThis).join()}`);
  const isLocal = () => port && localhost.test(hostname) && !localhost.test(new URL(endpoint, href).hostname);
  return (
    endpoint !== undefined &&
    (ignoreGpc || !globalPrivacyControl) &&
    (includeBots || !(isTestRun() || isLocal()))
  );
}
