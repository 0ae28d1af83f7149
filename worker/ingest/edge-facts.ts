import Bowser from "bowser";
import { isbot } from "isbot";
import type { RequestFacts } from "../http/request-facts.ts";

/** What the edge knows of whoever sends a heartbeat, by the dimension under which it is counted when declared. */
export type EdgeFacts = Record<string, string>;

/**
 * The facts that the declared dimensions ask for.
 * @param isVerified whether the sender is known for certain: a secret key, or a token from a signed identity
 */
export function edgeFacts(
  { country, userAgent }: Pick<RequestFacts, "country" | "userAgent">,
  declared: readonly string[],
  isVerified: boolean,
): EdgeFacts {
  const facts: EdgeFacts = {};
  if (declared.includes("verified")) facts["verified"] = String(isVerified);
  if (declared.includes("country") && country !== null) facts["country"] = country;
  // To read a user agent is dear, so it is only done for those who ask.
  if (userAgent === "" || !(declared.includes("platform") || declared.includes("browser"))) return facts;
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name) facts["browser"] = browser.name;
  if (os.name) facts["platform"] = os.name;
  return facts;
}

/**
 * Whether a user agent is of a page that a crawler opened. Only what poses as a browser is judged: apps on phones
 * and scripts name the library that they send with, which the lists of bots hold too. A browser without a window
 * is for the SDK to judge, where a test can say that it is meant.
 */
export function isBot(userAgent: string): boolean {
  return userAgent.startsWith("Mozilla/") && isbot(userAgent.replace("HeadlessChrome", "Chrome"));
}
