import { createElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat, useHeartbeat } from "../../sdk/react.ts";
import { minute, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

const options = { endpoint: "https://hc.test", publicKey: "hc_pub_ssr_mac", user: "u-42" };

test("rendered on a server it is nothing, does nothing and leaves nothing running", async () => {
  const send = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", send);
  const page = createElement(StrictMode, null, createElement(Heartbeat, options), "the app");
  expect(renderToString(page)).toBe("the app");
  await pass(10 * minute);
  expect(send).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("what the hook returns may be called before anything is mounted", () => {
  function Player(): string {
    useHeartbeat(options)();
    return "playing";
  }
  expect(renderToString(createElement(Player))).toBe("playing");
});
