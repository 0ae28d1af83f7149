import axe from "axe-core";
import { type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { Population } from "../../scripts/demo/population.ts";
import type { ActivityResponse } from "../../sdk/wire.ts";
import type { TestServer } from "./server.ts";
import { stayWithinSlot } from "./slot.ts";

const dayMs = 86_400_000;

/** Reports an invented app's last 40 days, with dimensions and first days, to the server's app `demo`; gives its people. */
export async function reportHistory(server: TestServer): Promise<Population> {
  const settings = { timeZone: "America/New_York", dimensions: ["tenant", "platform"] };
  await send(server, "PUT", "/v1/settings", JSON.stringify(settings), "application/json");
  const firstDay = new Date(Date.now() - 40 * dayMs).toISOString().slice(0, 10);
  const population = new Population(firstDay, settings.timeZone);
  const lines: string[] = [];
  for (let day = 0; day <= 40; day++) {
    for (const beat of population.beatsOf(day, 0, Date.now() - 10 * 60_000)) lines.push(JSON.stringify(beat));
  }
  lines.push(...hereNow());
  const type = "application/x-ndjson";
  const answer = (await send(server, "POST", "/v1/activity", lines.join("\n"), type)) as ActivityResponse;
  expect(answer).toMatchObject({ accepted: lines.length, rejected: 0 });
  await ask(server, "/v1/active?fresh=1");
  return population;
}

/** Two people, who are here now. */
function hereNow(): string[] {
  return ["now-1", "now-2"].map((user) => JSON.stringify({ user, at: Date.now() }));
}

/** They still are: the running slot may be another one than when the history was reported. */
export async function reportNow(server: TestServer): Promise<void> {
  await stayWithinSlot();
  await send(server, "POST", "/v1/activity", hereNow().join("\n"), "application/x-ndjson");
  await ask(server, "/v1/active?fresh=1");
}

/** What the API answers a reader. */
export async function ask<Answer>({ url, keys }: TestServer, path: string, key = keys.read): Promise<Answer> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Answer;
}

async function send(
  { url, keys }: TestServer,
  method: string,
  path: string,
  body: string,
  type: string,
): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    body,
    headers: { authorization: `Bearer ${keys.secret}`, "content-type": type },
  });
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

/** A page of a browser of its own, and whatever it complained about. */
export interface Visit {
  page: Page;
  /** Errors, warnings and refusals of the content policy, all that a clean page doesn't have. */
  complaints: string[];
}

export async function visit(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(address);
  return { page, complaints };
}

/** Until every panel has its figures. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector(".panel");
  await page.waitForFunction(() => document.querySelector("[aria-busy=true], .is-stale") === null);
}

/**
 * Lets the requests of a route through again, and presses the button that asks again. Meanwhile the page is not looked at, so it
 * asks nothing by itself: otherwise an answer might take the button away before it is pressed.
 */
export async function tryAgain(page: Page, route: string, within: Page | Locator = page): Promise<void> {
  await setVisibility(page, "hidden");
  await page.unroute(route);
  await within.getByRole("button", { name: "Try again" }).click();
  await setVisibility(page, "visible");
}

/** While it is hidden, a page asks nothing by itself. */
async function setVisibility(page: Page, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/**
 * Reloads the page, and gives what it was answered once it shows that. Figures of rolling windows move on from one moment to
 * the next, so a page can't be compared with what somebody else is answered; and it asks nothing by itself until the next reload.
 */
export async function toldOnReload<Answer>(page: Page, route: string): Promise<Answer> {
  const [response] = await Promise.all([page.waitForResponse(route), page.reload()]);
  const answer = (await response.json()) as Answer;
  await settled(page);
  await setVisibility(page, "hidden");
  return answer;
}

/** The table behind a panel: its columns, and its rows by their first cell. */
export async function tableOf(page: Page, title: string) {
  const panel = page.getByRole("region", { name: title, exact: true });
  const cells = await panel
    .locator("table:has(caption) tr")
    .evaluateAll((rows) =>
      rows.map((row) => Array.from(row.children, ({ textContent }) => textContent ?? "")),
    );
  const [columns = [], ...rows] = cells;
  return { panel, columns, rows: new Map(rows.map(([name = "", ...values]) => [name, values])) };
}

/** A figure as the page writes it. */
export function written(value: number | null | undefined): string {
  return value == null ? "–" : Number.isInteger(value) ? value.toLocaleString("en-GB") : String(value);
}

/** Signs in by hand. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel("Read key").fill(key);
  await page.getByRole("button", { name: "Show figures" }).click();
}

/** What axe finds that is serious or critical. */
export async function barriers(page: Page): Promise<unknown[]> {
  // Evaluated by the debugger: the page's own policy would not let it in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

/** Figures of the legends that aren't wholly inside the panel and above its chart. */
export async function hiddenFigures(page: Page): Promise<string[]> {
  return page.locator(".readout-item").evaluateAll((items) =>
    items
      .filter((item) => {
        const [body, chart] = [item.closest(".panel-body"), item.closest(".readout")?.parentElement];
        const figure = item.querySelector("b")?.getBoundingClientRect() as DOMRect;
        const right = body?.getBoundingClientRect().right ?? 0;
        const below = chart?.querySelector(".chart")?.getBoundingClientRect().top ?? 0;
        return figure.right > right || figure.bottom > below || figure.width === 0;
      })
      .map(({ textContent }) => textContent ?? ""),
  );
}
