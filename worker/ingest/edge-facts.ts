import Bowser from "bowser";
import { isbot } from "isbot";

/** What the edge knows of whoever sends a heartbeat, by the dimension under which it is counted when declared. */
export type EdgeFacts = Record<string, string>;

/** Dimensions that the edge fills in when the app declares them and the beat does not say. */
const derived = new Set(["country", "platform", "browser"]);

/**
 * The facts that the declared dimensions ask for. Nothing else of the request is looked at or kept.
 * @param verified whether the sender is known for certain: a secret key, or a token from a signed identity
 */
export function edgeFacts(request: Request, declared: readonly string[], verified: boolean): EdgeFacts {
  const facts: EdgeFacts = {};
  if (declared.includes("verified")) facts["verified"] = String(verified);
  if (!declared.some((name) => derived.has(name))) return facts;
  const { country } = (request as { cf?: { country?: unknown } }).cf ?? {};
  if (typeof country === "string") facts["country"] = country;
  const agent = request.headers.get("user-agent") ?? "";
  if (agent === "") return facts;
  const { browser, os } = Bowser.parse(agent);
  if (browser.name) facts["browser"] = browser.name;
  if (os.name) facts["platform"] = os.name;
  return facts;
}

/**
 * Whether a request comes from a page that a crawler opened. Only what poses as a browser is judged: apps on phones
 * and scripts name the library that they send with, which the lists of bots hold too. A browser without a window
 * is for the SDK to judge, where a test can say that it is meant.
 */
export function isBotRequest(request: Request): boolean {
  const agent = request.headers.get("user-agent") ?? "";
  return agent.startsWith("Mozilla/") && isbot(agent.replace("HeadlessChrome", "Chrome"));
}
