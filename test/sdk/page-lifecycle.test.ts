import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pageLifecycle } from "../../sdk/page-lifecycle.ts";
import { hour, minute, openClient, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

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

test.each(["pointerdown", "pointermove", "keydown", "wheel"])(
  "a page that nobody uses for longer than the limit counts nobody, until %s",
  async (type) => {
    const { server, headcount } = openClient({ lifecycle: undefined, idleLimitMs: 20 * minute });
    await pass(17 * minute);
    expect(server.requests).toHaveLength(4);
    view.dispatchEvent(new Event(type));
    await pass(18 * minute);
    expect(server.requests).toHaveLength(8);
    await pass(8 * hour);
    expect(server.requests).toHaveLength(8);
    headcount.heartbeat();
    await pass(0);
    expect(server.beats.at(-1)?.via).toBe("manual");
    await pass(hour);
    view.dispatchEvent(new Event(type));
    await pass(0);
    expect(server.requests).toHaveLength(10);
    headcount.shutdown();
    view.dispatchEvent(new Event(type));
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("without a limit nobody's use of the page is listened to", () => {
  const listen = vi.fn<(type: string) => void>();
  vi.stubGlobal("addEventListener", listen);
  pageLifecycle({})?.subscribe(() => {});
  expect(listen.mock.calls.map(([type]) => type)).not.toContain("pointermove");
});
