import type { Options } from "./options.ts";

declare global {
  interface Navigator {
    /** A draft of the W3C (2026), and so not in TypeScript's types. */
    readonly globalPrivacyControl?: boolean;
  }
}

/**
 * What drivers of tests leave in the user agent, or among the globals, beside or without `navigator.webdriver`. Apps have globals
 * such as `HeadlessUI` and `__pwaInstallPrompt`.
 */
const driver = /(headless\w*|jsdom|happydom)\/|,(cypress|_+(pw(?!a)|playwright|(phantom|nightmare)\b))/i;

/** A developer's page. Those of apps are on `localhost` too (Capacitor, Tauri), but without a port. */
const localhost = /^(127\.|0\.0\.0\.0|\[::1|(.+\.)?localhost$)/;

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

/** Whether the visitor agrees. Only `true` is a yes: a page's `consent` may give a text or nothing. */
export async function agrees({ consent }: Options): Promise<boolean> {
  const answer: unknown = !consent || (await consent());
  return answer === true;
}
