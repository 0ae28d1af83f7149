import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Population } from "../../scripts/demo/population.ts";
import type { Beat } from "../../sdk/wire.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  ask,
  barriers,
  hiddenFigures,
  reportHistory,
  settled,
  signIn,
  tableOf,
  tryAgain,
  visit,
} from "../support/dashboard.ts";
import { cleanUp, npm, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let server: TestServer;
let browser: Browser;
let population: Population;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  population = await reportHistory(server);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await cleanUp();
});

test("an app without activity shows what to do, and its figures as soon as there are any", async () => {
  const { stdout } = await npm(["run", "-s", "keys", "--", "young", "--json", "--data", server.dataDir]);
  const keys = JSON.parse(stdout) as TestServer["keys"];
  const { page } = await visit(browser, `${server.url}/#key=${keys.read}`);
  const snippet = page.getByText(
    `<script defer src="${server.url}/sdk.js" data-key="hc_pub_young_…"></script>`,
  );
  await snippet.waitFor();
  expect(await barriers(page)).toEqual([]);
  await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({
      key: keys.public,
      beats: [{ user: "first", since: new Date().toISOString().slice(0, 10) }],
    }),
  });
  await page.getByRole("region", { name: "People online" }).waitFor();
  await settled(page);
  expect(await page.getByRole("region", { name: "Last 24 hours" }).locator(".figure").textContent()).toBe(
    "1",
  );
  expect(await page.getByRole("region", { name: "Stickiness" }).textContent()).toContain(
    "Stickiness needs 30 full days",
  );
  expect(await page.getByRole("region", { name: "Who they are" }).textContent()).toContain(
    "Nobody sent a platform in this window",
  );
  expect(await page.getByRole("region", { name: "Retention" }).textContent()).toContain(
    "Retention can be shown from the second week on",
  );
  for (const name of ["Last 24 hours", "Last 7 days", "Last 30 days"]) {
    expect(await page.getByRole("region", { name }).locator(".card-change").textContent()).toBe(
      "no earlier figure",
    );
  }
  // One day is a point, in the middle of its chart.
  const painted = await page
    .locator(".chart")
    .first()
    .evaluate((element) => {
      const canvas = element.querySelector("canvas") as HTMLCanvasElement;
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const dot = element.parentElement?.querySelector(".readout .dot") as HTMLElement;
      const hue = getComputedStyle(dot).backgroundColor;
      const places = [];
      for (let at = 0; at < data.length; at += 4) {
        if (`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})` === hue) {
          places.push(((at / 4) % canvas.width) / canvas.width);
        }
      }
      return places;
    });
  expect(painted.length).toBeGreaterThan(8);
  expect(Math.min(...painted)).toBeGreaterThan(0.45);
  expect(Math.max(...painted)).toBeLessThan(0.6);
});

/** The keys of an app of its own with what it has reported. */
async function appWith(app: string, beats: Beat[], dimensions: string[]): Promise<TestServer["keys"]> {
  const { stdout } = await npm(["run", "-s", "keys", "--", app, "--json", "--data", server.dataDir]);
  const keys = JSON.parse(stdout) as TestServer["keys"];
  const report = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${keys.secret}`, "content-type": "application/json" };
    const response = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
    expect([path, response.status]).toEqual([path, 200]);
  };
  await report("PUT", "/v1/settings", { dimensions });
  await report("POST", "/v1/activity", { beats });
  await ask(server, "/v1/active?fresh=1", keys.read);
  return keys;
}

test("where nobody's first day is known nobody is called new, and long names leave room for all", async () => {
  const names = ["Northern Lights Publishing Cooperative", "acme", "Ministry of Silly Walks, Pavements"];
  names.push("The Quick Brown Fox Jumping Company of Wales", "Association of Associations for Association");
  const beats = Array.from({ length: 600 }, (_, index) => ({
    user: `user-${(index * 7) % 50}`,
    at: Date.now() - Math.floor(index / 20) * 86_400_000,
    dimensions: { organisation: names[index % names.length] as string },
  }));
  const { read } = await appWith("firstless", beats, ["organisation"]);
  for (const width of [1440, 390]) {
    const { page, complaints } = await visit(browser, `${server.url}/#key=${read}`, {
      viewport: { width, height: 900 },
    });
    await settled(page);
    const unknown = "The first day is known for only 0 % of the people";
    for (const title of ["New and returning", "Retention"]) {
      const said = await page.getByRole("region", { name: title }).locator(".panel-body").textContent();
      expect(said).toContain(unknown);
    }
    const life = page.getByRole("region", { name: "Life cycle" });
    expect(await life.locator(".readout-name").allTextContents()).toEqual(["Stayed", "Left"]);
    expect(await life.locator(".panel-foot").textContent()).toContain(unknown);

    const legend = page.getByRole("region", { name: "Who they are" }).locator(".readout");
    expect((await legend.locator(".readout-name").allTextContents()).toSorted()).toEqual(names.toSorted());
    expect(await hiddenFigures(page)).toEqual([]);
    expect(complaints).toEqual([]);
  }
});

test("where all first days are known and nobody is new, none are drawn, and nothing is said to be missing", async () => {
  // Three weeks hold a whole one that is over, whichever weekday it is.
  const beats = Array.from({ length: 210 }, (_, index) => ({
    user: `user-${index % 10}`,
    at: Date.now() - Math.floor(index / 10) * dayMs,
    since: "2024-01-01",
  }));
  const { read } = await appWith("settled", beats, []);
  const { page, complaints } = await visit(browser, `${server.url}/#key=${read}`);
  await settled(page);
  const { rows } = await tableOf(page, "New and returning");
  expect([rows.size, new Set(Array.from(rows.values(), ([fresh]) => fresh))]).toEqual([21, new Set(["0"])]);
  const life = page.getByRole("region", { name: "Life cycle" });
  expect(await life.locator(".readout-name").first().textContent()).toBe("New");
  expect(await life.locator(".panel-foot").textContent()).not.toContain("can't be told apart");
  expect(await page.getByRole("region", { name: "Retention" }).textContent()).toContain(
    "No new people are known in these weeks.",
  );
  expect(complaints).toEqual([]);
});

test("a browser whose language is none shows the page all the same", async () => {
  for (const language of ["en-US@posix", "C", "", "x"]) {
    const context = await browser.newContext();
    await context.addInitScript((name) => {
      Object.defineProperty(Navigator.prototype, "language", { get: () => name, configurable: true });
    }, language);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${server.url}/#key=${server.keys.read}`);
    await settled(page);
    expect([language, await page.locator(".chart").count(), errors]).toEqual([language, 7, []]);
  }
});

test("a zone of the app's that the browser doesn't know leaves times in UTC", async () => {
  const { page, complaints } = await visit(browser, server.url);
  await page.route("**/v1/status?*", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("America/New_York", "America/Newer_York");
    await route.fulfill({ response, body });
  });
  await signIn(page, server.keys.read);
  await settled(page);
  expect(await page.locator(".chart").count()).toBe(7);
  expect(await page.locator(".page-foot").textContent()).toContain("times are shown in UTC");
  expect(complaints).toEqual([]);
});

test("until the app's dimensions are known nothing is said of them; a service that is away is said once", async () => {
  const { page } = await visit(browser, server.url);
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/v1/status?*", async (route) => {
    await held;
    await route.continue();
  });
  await signIn(page, server.keys.read);
  const split = page.getByRole("region", { name: "Who they are" });
  await page.getByRole("region", { name: "Life cycle" }).locator(".chart").waitFor();
  expect(await split.getAttribute("aria-busy")).toBe("true");
  expect(await split.textContent()).not.toContain("declares no dimension");
  answer();
  await split.locator(".chart").waitFor();

  await page.unroute("**/v1/status?*");
  await page.route("**/v1/*", (route) => route.abort());
  await page.reload();
  await page.getByText("The service can't be reached").first().waitFor();
  expect(await page.getByText("The service can't be reached").count()).toBe(1);
  expect(await page.getByText("declares no dimension").count()).toBe(0);
  expect(await barriers(page)).toEqual([]);
  await tryAgain(page, "**/v1/*");
  await settled(page);
  expect(await page.locator(".chart").count()).toBe(7);
});

test("what can't be answered is said in words, in its own panel, and asked again", async () => {
  const { page } = await visit(browser, server.url);
  await page.route("**/v1/lifecycle?*", (route) => route.abort());
  await signIn(page, server.keys.read);
  const panel = page.getByRole("region", { name: "Life cycle" });
  await panel.getByText("The service can't be reached").waitFor();
  await page.getByRole("region", { name: "Retention" }).locator(".heat-cell").nth(3).waitFor();
  expect(await barriers(page)).toEqual([]);
  await tryAgain(page, "**/v1/lifecycle?*", panel);
  await panel.locator(".chart").waitFor();

  // What is known stays on the screen while the service is away.
  await page.route("**/v1/*", (route) => route.fulfill({ status: 503, json: { detail: "storage is away" } }));
  await page.getByText("Days", { exact: true }).first().click();
  const said = page.getByText("The service failed (503). It says: storage is away.");
  await page.locator(".outage").waitFor();
  expect(await page.getByRole("region", { name: "Active people" }).locator(".chart").count()).toBe(1);
  // Whoever else asks in vain adds nothing to it.
  await page.getByText("Weekly", { exact: true }).click();
  await page.getByRole("region", { name: "Active people" }).getByText("Not loaded").waitFor();
  expect(await said.count()).toBe(1);
  expect(await barriers(page)).toEqual([]);
  await tryAgain(page, "**/v1/*", page.locator(".outage"));
  await settled(page);
  await said.waitFor({ state: "detached" });
});

/** Who was active from one instant to before another. */
function activeBetween(from: number, to: number): Set<string> {
  const users = new Set<string>();
  for (let day = population.dayAt(from); day <= population.dayAt(to - 1); day++) {
    for (const { user } of population.beatsOf(day, from, to)) users.add(user as string);
  }
  return users;
}

test("who hasn't come in the running week or day is told beside the same hour a week before", async () => {
  for (const [interval, days, current, before] of [
    ["week", 7, "This week", "last week"],
    ["day", 1, "Today", "yesterday"],
  ] as const) {
    await stayWithinSlot();
    const { page } = await visit(browser, `${server.url}/?interval=${interval}#key=${server.keys.read}`);
    await settled(page);
    const panel = page.getByRole("region", { name: "Life cycle" });
    const [period, figures] = [...(await tableOf(page, "Life cycle")).rows][0] as [string, string[]];
    expect(figures.at(-1)).toBe("so far");
    const remark = panel.locator(".remark");
    expect((await remark.textContent())?.replace("about ", "")).toMatch(
      `${current} so far (hatched): ${figures[3]} of ${before}'s people haven't been active yet.`,
    );
    // What is read without a cursor is over.
    expect(await panel.locator(".readout-when").textContent()).not.toContain("so far");

    const today = population.dayAt(Date.now());
    const start = today - Math.round((Date.parse(population.dateOf(today)) - Date.parse(period)) / dayMs);
    const startOf = (day: number) => population.boundsOf(day).from;
    const to = Math.floor(Date.now() / hourMs) * hourMs - 7 * dayMs;
    // In the first hour of a period there is nothing to compare with.
    if (to <= startOf(start - 7)) continue;
    await panel.getByText("At the same hour a week ago, it was").waitFor();
    const [, about, told = ""] = /it was (about )?([\d,]+)\.$/.exec((await remark.textContent()) ?? "") ?? [];
    const was = activeBetween(startOf(start - 7 - days), startOf(start - 7));
    const came = activeBetween(startOf(start - 7), to);
    const left = [...was].filter((user) => !came.has(user)).length;
    const all = new Set([...was, ...came]).size;
    // Five standard errors of the sketch; an exact one takes two ids for one in a pair of 2^26.
    const tolerance = about === undefined ? 2 : 5 * 0.0081 * all;
    expect(Math.abs(Number(told.replaceAll(",", "")) - left)).toBeLessThanOrEqual(tolerance);
  }
});

test("what isn't over is hatched: its bars alone are striped", async () => {
  const { page } = await visit(browser, `${server.url}/#key=${server.keys.read}`);
  await settled(page);
  const chart = page.getByRole("region", { name: "Life cycle" }).locator(".chart");
  const stripes = await chart.evaluate((element) => {
    const canvas = element.querySelector("canvas") as HTMLCanvasElement;
    const plot = (element.querySelector(".u-over") as HTMLElement).getBoundingClientRect();
    const scale = devicePixelRatio;
    const left = plot.left - canvas.getBoundingClientRect().left;
    const places = Number(element.getAttribute("aria-valuemax")) + 1;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", {
      willReadFrequently: true,
    }) as OffscreenCanvasRenderingContext2D;
    context.drawImage(canvas, 0, 0);
    const card = getComputedStyle(element.closest(".panel") as HTMLElement).backgroundColor;
    // How often colours change from the foot of a place's bar to its top.
    return Array.from({ length: places }, (_, place) => {
      const x = Math.round((left + ((place + 0.6) / (places + 0.2)) * plot.width) * scale);
      const { data } = context.getImageData(x, 0, 1, canvas.height);
      let [changes, previous, wasCard] = [0, "", true];
      for (let at = 0; at < data.length; at += 4) {
        const hue = data[at + 3] === 0 ? card : `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
        if (hue !== previous && (hue === card) !== wasCard) changes++;
        [previous, wasCard] = [hue, hue === card];
      }
      return changes;
    });
  });

  const running = stripes.pop() as number;
  expect(running).toBeGreaterThan(Math.max(...stripes) + 6);
});
