import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pageLifecycle } from "../../sdk/page-lifecycle.ts";
import { openClient, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

const page = { hidden: false };
let view = new EventTarget();

beforeEach(() => {
  stopTheClock();
  Object.assign(page, { hidden: false });
  view = new EventTarget();
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  // Node takes the third argument as an object only.
  vi.stubGlobal("removeEventListener", (type: string, listener: EventListener, capture: boolean) =>
    view.removeEventListener(type, listener, { capture }),
  );
});
afterEach(restartTheClock);

test("a page is visible unless it is hidden, as one that is rendered ahead is", () => {
  const lifecycle = pageLifecycle({});
  expect(lifecycle?.isVisible()).toBe(true);
  page.hidden = true;
  expect(lifecycle?.isVisible()).toBe(false);
});

test.each(["visibilitychange", "prerenderingchange", "pageshow", "resume", "online"])(
  "%s wakes, until it is unsubscribed",
  (type) => {
    const wake = vi.fn();
    const unsubscribe = pageLifecycle({})?.subscribe(wake);
    view.dispatchEvent(new Event(type));
    expect(wake).toHaveBeenCalledOnce();
    unsubscribe?.();
    view.dispatchEvent(new Event(type));
    expect(wake).toHaveBeenCalledOnce();
  },
);

test("a page that is rendered ahead beats when it is opened, not before", async () => {
  page.hidden = true;
  const { server } = openClient({ lifecycle: undefined });
  await pass(1000);
  expect(server.requests).toHaveLength(0);
  page.hidden = false;
  view.dispatchEvent(new Event("prerenderingchange"));
  await pass(0);
  expect(server.requests).toHaveLength(1);
});

test("a page that comes back from the cache hours later beats, though its timers slept", async () => {
  const { server } = openClient({ lifecycle: undefined });
  await pass(0);
  page.hidden = true;
  view.dispatchEvent(new Event("visibilitychange"));
  vi.setSystemTime(Date.parse("2026-11-20T15:00:00Z"));
  // Chromium fires this before it updates `hidden`.
  view.dispatchEvent(new Event("pageshow"));
  page.hidden = false;
  await pass(0);
  expect(server.requests).toHaveLength(2);
});

test("where there is no page there is no lifecycle", () => {
  vi.stubGlobal("document", undefined);
  expect(pageLifecycle({})).toBeUndefined();
});
