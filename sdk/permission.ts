import type { Options } from "./options.ts";

declare global {
  interface Navigator {
    /** A draft of the W3C (2026), and so not in TypeScript's types. */
    readonly globalPrivacyControl?: boolean;
  }
}

/** Whether this browser may be counted: not one whose owner objects, and not one that nobody sits at. */
export function mayCount(options: Options): boolean | undefined {
  return (
    (!navigator.globalPrivacyControl || options.ignoreGpc) && (!navigator.webdriver || options.includeBots)
  );
}
