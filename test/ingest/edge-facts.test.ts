import { expect, test } from "vitest";
import { edgeFacts, isBot } from "../../worker/ingest/edge-facts.ts";

const agents = {
  chrome:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  headless:
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
  safari:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  firefox: "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
  googlebot: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  curl: "curl/8.14.1",
  okhttp: "okhttp/4.12.0",
};
const all = ["platform", "browser", "country", "verified", "plan"];

test("browsers and platforms are told by their user agents", () => {
  const told = (userAgent: string) => edgeFacts({ country: null, userAgent }, ["platform", "browser"], false);
  expect(told(agents.chrome)).toEqual({ browser: "Chrome", platform: "Windows" });
  expect(told(agents.safari)).toEqual({ browser: "Safari", platform: "iOS" });
  expect(told(agents.firefox)).toEqual({ browser: "Firefox", platform: "Android" });
});

test("only facts that are declared are told, and a fact that isn't known is left out", () => {
  const sender = { country: "DE", userAgent: agents.chrome };
  expect(edgeFacts(sender, [], true)).toEqual({});
  expect(edgeFacts(sender, ["plan"], true)).toEqual({});
  expect(edgeFacts(sender, ["country"], true)).toEqual({ country: "DE" });
  expect(edgeFacts(sender, ["verified"], true)).toEqual({ verified: "true" });
  expect(edgeFacts(sender, ["verified"], false)).toEqual({ verified: "false" });
  expect(edgeFacts({ country: null, userAgent: "" }, all, false)).toEqual({ verified: "false" });
  expect(edgeFacts({ country: null, userAgent: "nothing known" }, ["platform"], false)).not.toHaveProperty(
    "platform",
  );
  expect(edgeFacts(sender, all, true)).toEqual({
    browser: "Chrome",
    platform: "Windows",
    country: "DE",
    verified: "true",
  });
});

test("a crawler that opens a page is a bot; people, libraries, and a browser without a window are none", () => {
  const bots = Object.entries(agents).filter(([, userAgent]) => isBot(userAgent));
  expect(bots.map(([name]) => name)).toEqual(["googlebot"]);
  expect(isBot("")).toBe(false);
  expect(isBot(agents.googlebot.replace("Mozilla/5.0", "HeadlessChrome"))).toBe(false);
});
