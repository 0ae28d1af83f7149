import { createServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EngagementAnswer } from "../../sdk/answers.ts";
import { panels } from "../../worker/dashboard/shared-view.ts";
import { launchBrowser } from "../support/browser.ts";
import { ask, barriers, reportHistory, settled, visit, written } from "../support/dashboard.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { listen } from "../support/static-server.ts";

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  await reportHistory(server);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await cleanUp();
});

async function send(method: string, path: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${server.keys.secret}` };
  const response = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

async function pathOf(view: Record<string, unknown>): Promise<string> {
  return ((await send("POST", "/v1/share", view)) as { path: string }).path;
}

/** The names of what stands on a page. */
async function shownOn(page: Page): Promise<string[]> {
  return page.locator(".panel h2").allTextContents();
}

/** Requests that the service refused. */
function refusalsOn(page: Page): string[] {
  const refused: string[] = [];
  page.on("response", (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
  });
  return refused;
}

test("a reader shares a view; whoever has the link sees that and can change nothing", async () => {
  const { page: reader } = await visit(browser, `${server.url}/?metric=wau&range=30#key=${server.keys.read}`);
  await settled(reader);
  await reader.getByRole("button", { name: "Share" }).click();
  await reader.getByRole("checkbox", { name: "Stickiness" }).check();
  expect(await barriers(reader)).toEqual([]);
  await reader.getByRole("button", { name: "Create link" }).click();
  const link = await reader.getByLabel("Link", { exact: true }).inputValue();
  expect(link).not.toContain(server.keys.read);

  const { page, complaints } = await visit(browser, link);
  await settled(page);
  expect(await shownOn(page)).toEqual(["Active people", "Stickiness"]);
  const { metrics } = await ask<EngagementAnswer>(server, "/v1/engagement");
  const week = metrics.find(({ metric }) => metric === "wau") as { count: number | null };
  const card = page.getByRole("region", { name: "Last 7 days: WAU" });
  expect(await card.locator(".figure").textContent()).toBe(written(week.count));
  expect(await page.getByRole("table", { name: "Weekly active people" }).locator("tr").count()).toBe(31);
  expect(await page.getByRole("radio").count()).toBe(0);
  expect(await page.getByRole("combobox").count()).toBe(0);
  expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([0, 0]);
  expect(await barriers(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("the page asks for no more than its link lets it, whatever it shows", async () => {
  const everyone = { panels, compare: "weekdays", by: "tenant", interval: "day" };
  const aPart = {
    panels: panels.filter((name) => name !== "growth" && name !== "split"),
    range: "2026-01-05..2026-11-02",
    compare: "2025-01-05",
    only: "platform:web",
  };
  for (const view of [everyone, aPart]) {
    const { page, complaints } = await visit(browser, "about:blank");
    const refused = refusalsOn(page);
    await page.goto(server.url + (await pathOf(view)));
    await settled(page);
    expect(await shownOn(page)).toHaveLength(view.panels.length - 1);
    expect(refused).toEqual([]);
    expect(complaints).toEqual([]);
  }
});

test("pages of `embedOrigins` can frame a view, others can't", async () => {
  const path = await pathOf({ panels: ["headline"] });
  const host = await listen(
    createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(
        `<!doctype html><title>Host</title><iframe src="${server.url}${path}" title="Headcount"></iframe>`,
      );
    }),
  );
  try {
    const { page: kept, complaints } = await visit(browser, host.url);
    await expect.poll(() => complaints.join()).toContain("frame-ancestors 'none'");
    expect(await kept.frameLocator("iframe").locator(".card").count()).toBe(0);

    await send("PUT", "/v1/settings", { embedOrigins: [host.url] });
    const { page } = await visit(browser, host.url);
    const card = page.frameLocator("iframe").getByRole("region", { name: "Last 30 days: MAU" });
    const { metrics } = await ask<EngagementAnswer>(server, "/v1/engagement");
    const month = metrics.find(({ metric }) => metric === "mau") as { count: number | null };
    await expect.poll(() => card.locator(".figure").textContent()).toBe(written(month.count));
  } finally {
    await host.close();
  }
});

test("a link that was revoked says so, also on a page that is open", async () => {
  const path = await pathOf({ panels: ["headline"] });
  const { page } = await visit(browser, server.url + path);
  await page.getByRole("region", { name: "People online" }).waitFor();
  await send("PUT", "/v1/settings", { keyRevisions: { share: 1 } });
  // The open page asks who is online every few seconds.
  await page.getByRole("heading", { name: "This link doesn’t work" }).waitFor();
  for (const address of [path, "/embed?view=hc_view_", "/embed"]) {
    const { page: later } = await visit(browser, server.url + address);
    await later.getByRole("heading", { name: "This link doesn’t work" }).waitFor();
    expect(await barriers(later)).toEqual([]);
  }
});
