import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { GrowthAnswer, PowerAnswer, TimeseriesAnswer } from "../../sdk/answers.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  ask,
  barriers,
  hiddenFigures,
  reportHistory,
  settled,
  signIn,
  tableOf,
  visit,
  written,
} from "../support/dashboard.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

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

/** A page that is signed in and has its figures. */
async function signedIn(options: BrowserContextOptions = {}, view = "") {
  const visited = await visit(browser, `${server.url}/${view}#key=${server.keys.read}`, options);
  await settled(visited.page);
  return visited;
}

test("the power user curve and the states of growth are the API's, with their intervals", async () => {
  const { page } = await signedIn();
  const { people, curve } = await ask<PowerAnswer>(server, "/v1/power");
  const { panel, rows } = await tableOf(page, "Power users");
  expect([...rows]).toEqual(
    curve.map(({ days, share }) => [
      String(days),
      [written(share.value), written(share.low), written(share.high), ""],
    ]),
  );
  expect(await panel.textContent()).toContain(
    `On 21 days or more: ${written(curve[20]?.orMore.count)} of ${written(people.count)} people`,
  );
  for (const [interval, name, periods] of [
    ["day", "Days", 30],
    ["week", "Weeks", 12],
  ] as const) {
    await page.getByRole("group", { name: "Interval of growth" }).getByText(name, { exact: true }).click();
    await settled(page);
    const answer = await ask<GrowthAnswer>(server, `/v1/growth?interval=${interval}&periods=${periods}`);
    const known = answer.periods.filter(({ current }) => current.count !== null);
    const table = await tableOf(page, "Growth");
    expect([...table.rows.keys()]).toEqual(known.map(({ period }) => period).toReversed());
    for (const row of known) {
      const cells = table.rows.get(row.period) ?? [];
      expect(cells.slice(9, 12)).toEqual([row.current.count, row.current.low, row.current.high].map(written));
      expect(cells.slice(18, 21)).toEqual(
        [row.quickRatio.value, row.quickRatio.low, row.quickRatio.high].map(written),
      );
    }
  }
});

test("the page lets nothing in from elsewhere, nothing inline, and no other page around it", async () => {
  const response = await fetch(`${server.url}/`);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  const html = await response.text();
  expect(html).not.toMatch(/<style|<script(?![^>]* src=)|style=|\bon\w+=/);
  for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    const asset = await fetch(server.url + path);
    expect([path, asset.headers.get("cache-control")]).toEqual([path, "public, max-age=31536000, immutable"]);
    expect(asset.headers.get("content-encoding")).toBe("gzip");
    // Under another version it may be another file tomorrow.
    const other = await fetch(`${server.url}${path?.replace(/v=.*/, "v=other")}`);
    expect(other.headers.get("cache-control")).toBe("no-cache");
  }
});

test("whoever comes without a key is asked for one, and told in words what is wrong with another", async () => {
  const { page } = await visit(browser, server.url);
  const { keys } = server;
  for (const [key, words] of [
    ["", "Paste the app's read key"],
    ["hello", "doesn't look like a read key"],
    [keys.public, "This is a public key"],
    [keys.share, "This is a share token"],
    [`hc_read_demo_${"0".repeat(22)}`, "This key isn't valid here"],
  ] as const) {
    await signIn(page, key);
    const alert = page.getByRole("alert").filter({ hasText: words });
    await alert.waitFor();
  }
  expect(await barriers(page)).toEqual([]);
  await signIn(page, keys.read);
  await settled(page);
  expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ""]);

  await page.reload();
  await settled(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Read key").waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test("a browser that is told to keeps the key for its other tabs, until its reader signs out", async () => {
  const { page } = await visit(browser, server.url);
  await page.getByLabel("Keep me signed in on this browser").check();
  await signIn(page, server.keys.read);
  await settled(page);
  const other = await page.context().newPage();
  await other.goto(server.url);
  await settled(other);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByLabel("Read key").waitFor();
  await page.reload();
  await page.getByLabel("Read key").waitFor();
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});

test("each view is in the history, and one period is shown beside another as the API tells both", async () => {
  const { page, complaints } = await signedIn({}, "?range=30");
  const dayMs = 86_400_000;
  const { points } = await ask<TimeseriesAnswer>(server, "/v1/timeseries?metric=dau");
  const last = points.at(-1)?.date as string;
  const shifted = (days: number) => new Date(Date.parse(last) + days * dayMs).toISOString().slice(0, 10);
  const range = `range=${shifted(-7)}..${shifted(-2)}`;

  await page.getByRole("radio", { name: "Custom" }).check({ force: true });
  await page.getByLabel("First day", { exact: true }).fill(shifted(-7));
  await page.getByLabel("Last day", { exact: true }).fill(shifted(-2));
  const comparison = page.getByLabel("Compare active people with");
  await comparison.selectOption({ label: "Same weekdays before" });
  await settled(page);
  expect(page.url()).toBe(`${server.url}/?${range}&compare=weekdays`);
  expect(await barriers(page)).toEqual([]);

  const from = shifted(-14);
  const told = await ask<TimeseriesAnswer>(
    server,
    `/v1/timeseries?metric=dau&from=${from}&to=${shifted(-1)}`,
  );
  const { rows } = await tableOf(page, "Active people");
  const cells = ({ count, low, high }: TimeseriesAnswer["points"][number]) => [count, low, high].map(written);
  expect([...rows]).toEqual(
    told.points
      .slice(7)
      .map((point, place) => {
        const other = told.points[place] as TimeseriesAnswer["points"][number];
        return [point.date, [...cells(point), other.date, ...cells(other), ""]];
      })
      .toReversed(),
  );

  await page.goBack();
  await settled(page);
  expect(page.url()).toBe(`${server.url}/?${range}`);
  expect(await comparison.inputValue()).toBe("none");
  expect((await tableOf(page, "Active people")).rows.size).toBe(6);
  await page.goForward();
  await settled(page);
  expect(await comparison.inputValue()).toBe("weekdays");
  await page.goto(`${server.url}/?range=month&compare=${shifted(-20)}`);
  await settled(page);
  expect(await page.getByLabel("First day to compare with").inputValue()).toBe(shifted(-20));
  expect(complaints).toEqual([]);
});

test("a link with a key signs in, and leaves no key in the address or the history", async () => {
  const { page } = await signedIn({}, "?metric=mau&range=30");
  expect(page.url()).toBe(`${server.url}/?metric=mau&range=30`);
  expect(await page.getByRole("radio", { name: "Monthly" }).isChecked()).toBe(true);
  expect(await page.getByRole("radio", { name: "30 days" }).first().isChecked()).toBe(true);
  await page.goto("about:blank");
  await page.goBack();
  expect(page.url()).not.toContain("hc_read");
  const elsewhere = await visit(browser, `${server.url}/`);
  await elsewhere.page.getByLabel("Read key").waitFor();
});

test("a key that is retired while the page is open leads back to the door", async () => {
  const { page } = await signedIn();
  await page.route("**/v1/*", (route) =>
    route.fulfill({ status: 401, json: { detail: "the key is retired" } }),
  );
  await page.getByText("Weekly", { exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "the key is retired" }).waitFor();
});

test("every value can be read, and every choice made, by keyboard", async () => {
  const { page } = await signedIn({}, "?range=30");
  const from = new Date(Date.now() - 32 * 86_400_000).toISOString().slice(0, 10);
  const { points } = await ask<TimeseriesAnswer>(server, `/v1/timeseries?metric=dau&from=${from}`);
  const counts = points.map(({ count }) => (count as number).toLocaleString("en-GB"));
  const chart = page.getByRole("slider", { name: /Daily active people/ });
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await chart.evaluate((element) => element === document.activeElement)) break;
  }
  expect(await chart.evaluate((element) => element.matches(":focus-visible"))).toBe(true);
  const said = async () =>
    /: ([\d,]+) \(exact count\)$/.exec((await chart.getAttribute("aria-valuetext")) ?? "")?.[1];
  expect(await said()).toBe(counts.at(-1));
  await page.keyboard.press("ArrowLeft");
  expect(await said()).toBe(counts.at(-2));
  await page.keyboard.press("PageDown");
  expect(await said()).toBe(counts.at(-9));
  expect(await page.locator(".readout b").first().textContent()).toBe(counts.at(-9));
  await page.keyboard.press("Home");
  expect(await said()).toBe(counts.at(-30));
  await page.keyboard.press("End");
  await page.keyboard.press("Escape");
  expect(await said()).toBe(counts.at(-1));

  await page.getByRole("radio", { name: "30 days" }).first().focus();
  await page.keyboard.press("ArrowRight");
  await settled(page);
  expect(page.url()).toBe(`${server.url}/`);
  expect(await chart.getAttribute("aria-valuemax")).not.toBe("29");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 768, 390]) {
    test(`at ${width} px, ${colorScheme}, nothing sticks out, moves about or is in anybody's way`, async () => {
      const { page, complaints } = await visit(browser, server.url, {
        viewport: { width, height: 900 },
        colorScheme,
      });
      await page.evaluate((key) => sessionStorage.setItem("headcount-key", key), server.keys.read);
      await page.addInitScript(() => {
        const shifts: number[] = ((globalThis as unknown as { shifts: number[] }).shifts = []);
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.reload();
      await settled(page);
      const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
      expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);
      const layout = await page.evaluate(() => ({
        sticksOut: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        background: getComputedStyle(document.body).backgroundColor,
      }));
      expect(layout.sticksOut).toBe(false);
      expect(await hiddenFigures(page)).toEqual([]);
      const [red = 0] = (/\d+/.exec(layout.background) ?? []).map(Number);
      expect(red < 64).toBe(colorScheme === "dark");
      expect(await barriers(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  }
}

test("the colours can be chosen against the system's, and last", async () => {
  const { page } = await signedIn({ colorScheme: "light" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole("button", { name: /^Colours: as the system/ }).click();
  await page.getByRole("button", { name: /^Colours: light/ }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  await settled(page);
  expect(await background()).toBe(dark);
  // As the system says, and as it changes.
  await page.getByRole("button", { name: /^Colours: dark/ }).click();
  expect(await background()).toBe(light);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(background).toBe(dark);
});

test("who asks for less motion gets none", async () => {
  const { page } = await signedIn({ reducedMotion: "reduce" });
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
});
