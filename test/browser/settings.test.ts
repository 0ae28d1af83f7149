import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ActiveAnswer, AnnotationsAnswer } from "../../sdk/answers.ts";
import type { Settings } from "../../worker/counting/app-settings.ts";
import { launchBrowser } from "../support/browser.ts";
import { ask, barriers, reportHistory, settled, signIn, visit } from "../support/dashboard.ts";
import { type Receiver, startReceiver, verified } from "../support/receiver.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let browser: Browser;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  const env = { HEADCOUNT_WEBHOOK_ALLOW: receiver.origin };
  [server, browser] = await Promise.all([startServer({ env }), launchBrowser()]);
  await reportHistory(server);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await receiver?.close();
  await cleanUp();
});

/** A page that shows the settings. */
async function settingsPage(options = {}) {
  const visited = await visit(browser, `${server.url}/?page=settings#key=${server.keys.secret}`, options);
  await visited.page.getByRole("heading", { name: "Settings of demo" }).waitFor();
  return visited;
}

/** The settings that the service holds. */
function held(): Promise<Settings> {
  return ask<Settings>(server, "/v1/settings", server.keys.secret);
}

/** Sends lines with the secret key; gives the status. */
async function post(path: string, body: string): Promise<number> {
  const headers = {
    authorization: `Bearer ${server.keys.secret}`,
    "content-type": "application/x-ndjson",
  };
  return (await fetch(server.url + path, { method: "POST", body, headers })).status;
}

/** Reads what a change will do, confirms it, and waits until it is done. */
async function confirm(page: Page, action: string): Promise<string> {
  const dialog = page.getByRole("dialog");
  const button = dialog.getByRole("button", { name: action, exact: true });
  await button.waitFor();
  const effects = (await dialog.getByRole("listitem").allTextContents()).join(" ");
  await button.click();
  await dialog.waitFor({ state: "detached" });
  return effects;
}

const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

test("with the secret key a dimension is declared in two steps, a key retired, and a day annotated", async () => {
  const { page, complaints } = await visit(browser, server.url);
  await page.getByLabel("Keep me signed in on this browser").check();
  await signIn(page, server.keys.secret);
  await settled(page);
  // It may change everything: the tab alone keeps it.
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.getByRole("button", { name: "Settings" }).click();
  expect(page.url()).toBe(`${server.url}/?page=settings`);

  const dimensions = section(page, "Dimensions");
  await dimensions.getByLabel("Name of a dimension").fill("plan");
  await dimensions.getByRole("button", { name: "Declare" }).click();
  await page.getByRole("dialog", { name: "Declare plan" }).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect((await held()).dimensions).toEqual(["tenant", "platform"]);
  await dimensions.getByRole("button", { name: "Declare" }).click();
  expect(await confirm(page, "Confirm")).toContain("plan is recorded from now on");
  expect((await held()).dimensions).toEqual(["tenant", "platform", "plan"]);
  await dimensions.getByRole("button", { name: "Remove plan" }).waitFor();

  await section(page, "Keys").getByRole("button", { name: "Retire share keys" }).click();
  expect(await confirm(page, "Confirm")).toContain("Keys below revision 1 are refused");
  expect((await held()).keyRevisions).toEqual({ pub: 0, read: 0, secret: 0, share: 1 });

  const today = await section(page, "Annotations").getByLabel("Day").inputValue();
  const day = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  await section(page, "Annotations").getByLabel("Day").fill(day);
  await section(page, "Annotations").getByLabel("Text").fill("Release 2.0");
  await section(page, "Annotations").getByRole("button", { name: "Annotate" }).click();
  await confirm(page, "Annotate");
  const { annotations } = await ask<AnnotationsAnswer>(server, "/v1/annotations");
  expect(annotations).toEqual([{ day, text: "Release 2.0" }]);

  await page.goBack();
  await settled(page);
  // The legend reads yesterday, the last day that is over.
  const trend = section(page, "Active people");
  await trend.locator(".readout").getByText("Release 2.0").waitFor();
  await section(page, "Who they are").getByRole("option", { name: "plan" }).waitFor({ state: "attached" });

  await page.goForward();
  await section(page, "Annotations").getByRole("button", { name: "Remove Release 2.0" }).click();
  await confirm(page, "Remove");
  expect((await ask<AnnotationsAnswer>(server, "/v1/annotations")).annotations).toEqual([]);
  expect(complaints).toEqual([]);
});

test("what the service refuses is said in its own words, and nothing changes", async () => {
  const { page } = await settingsPage();
  const before = await held();
  await section(page, "Dimensions").getByLabel("Name of a dimension").fill("Not A Name");
  await section(page, "Dimensions").getByRole("button", { name: "Declare" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  const answer = await fetch(`${server.url}/v1/settings`, {
    method: "PUT",
    headers: { authorization: `Bearer ${server.keys.secret}`, "content-type": "application/json" },
    body: JSON.stringify({ dimensions: [...before.dimensions, "Not A Name"] }),
  });
  const { title, detail } = (await answer.json()) as { title: string; detail: string };
  await expect.poll(() => dialog.getByRole("alert").textContent()).toBe(`${title}. ${detail}`);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await held()).toEqual(before);
});

test("time, origins and identity are changed as filled in", async () => {
  const { page } = await settingsPage();
  await section(page, "Time").getByLabel("Days to keep").fill("500");
  await section(page, "Time").getByRole("button", { name: "Save" }).click();
  expect(await confirm(page, "Confirm")).toContain("500 days");
  await section(page, "Origins").getByLabel("Origin").fill("https://app.example.com");
  await section(page, "Origins").getByRole("button", { name: "Allow" }).click();
  await confirm(page, "Confirm");
  const secret = "0123456789abcdef0123456789abcdef";
  await section(page, "Identity").getByLabel("JWKS address or shared secret").fill(secret);
  await section(page, "Identity").getByLabel("User ids come from").selectOption("signed");
  await section(page, "Identity").getByRole("button", { name: "Save" }).click();
  await confirm(page, "Confirm");
  await expect
    .poll(() => section(page, "Identity").getByLabel("JWKS address or shared secret").inputValue())
    .toBe("(hidden)");
  expect(await held()).toMatchObject({
    retentionDays: 500,
    origins: ["https://app.example.com"],
    identity: "signed",
    jwt: { secret: "(hidden)", algorithms: ["HS256"] },
  });
});

test("a webhook is set with the secret that it shows once, its delivery is told, and it is removed", async () => {
  const { page, complaints } = await settingsPage();
  const webhooks = section(page, "Webhooks");
  await webhooks.getByLabel("URL").fill(`${receiver.origin}/hooks/from-the-page`);
  await webhooks.getByLabel("Nobody for hours").uncheck();
  await webhooks.getByLabel("Threshold of daily people").selectOption("below");
  await webhooks.getByLabel("How many").fill("3");
  await webhooks.getByRole("button", { name: "Set", exact: true }).click();
  expect(await confirm(page, "Set")).toContain("daily report, unusually few people, daily people below 3");
  const outcome = (await page.getByText("The webhook is set.").textContent()) ?? "";
  const [secret = ""] = /whsec_\S+/.exec(outcome) ?? [];
  expect((await held()).webhooks).toEqual([
    {
      url: `${receiver.origin}/hooks/from-the-page`,
      secret: "(hidden)",
      events: ["daily", "drop"],
      thresholds: [{ metric: "dau", below: 3 }],
    },
  ]);
  await webhooks.getByText(/^Delivered /).waitFor({ timeout: 60_000 });
  expect(receiver.received.map((message) => verified(secret, message)["event"])).toContain("hello");
  expect(await barriers(page)).toEqual([]);

  await webhooks.getByRole("button", { name: /^Remove/ }).click();
  await confirm(page, "Remove");
  expect((await held()).webhooks).toEqual([]);
  expect(complaints).toEqual([]);
});

test("people are excluded and linked by their ids", async () => {
  const day = new Date(Date.now() - 60 * 86_400_000).toISOString().slice(0, 10);
  const lines = ["staff", "account-1", "account-2"].map((user) =>
    JSON.stringify({ user, at: `${day}T15:00:00Z` }),
  );
  expect(await post("/v1/activity", lines.join("\n"))).toBe(200);
  const people = async () => {
    const path = `/v1/active?period=day&date=${day}&fresh=1`;
    return (await ask<ActiveAnswer>(server, path)).windows[0]?.count;
  };
  expect(await people()).toBe(3);
  const { page } = await settingsPage();
  const exclusions = section(page, "Exclusions");
  await exclusions.getByLabel("User id").fill("staff");
  await exclusions.getByRole("button", { name: "Exclude" }).click();
  expect(await confirm(page, "Exclude")).toContain("staff is not counted from now on");
  expect(await people()).toBe(2);

  const links = section(page, "Links");
  await links.getByLabel("User id to link").fill("account-1");
  await links.getByLabel("User id to keep").fill("account-2");
  await links.getByRole("button", { name: "Link" }).click();
  expect(await confirm(page, "Link users")).toContain("both are one person, account-2");
  await page.getByText("The users are linked. Past days are corrected.").waitFor();
  expect(await people()).toBe(1);

  await exclusions.getByLabel("Action").selectOption("end");
  await exclusions.getByRole("button", { name: "Count again" }).click();
  await confirm(page, "Count again");
  await links.getByLabel("Action").selectOption("end");
  await links.getByRole("button", { name: "End link" }).click();
  await confirm(page, "End the link");
  expect(await people()).toBe(1);
  const now = lines.map((line) => JSON.stringify({ ...JSON.parse(line), at: `${day}T21:00:00Z` }));
  expect(await post("/v1/activity", now.join("\n"))).toBe(200);
  expect(await people()).toBe(3);
});

test("the export that is downloaded is whole: the service takes it in again", async () => {
  const { page } = await settingsPage();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download the export" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("demo.ndjson");
  const text = await readFile(await download.path(), "utf8");
  expect(JSON.parse(text.trimEnd().split("\n").at(-1) as string)).toMatchObject({ part: { end: true } });
  expect(await post("/v1/import", text)).toBe(200);
});

test("a read key shows no settings, whatever the address says", async () => {
  const { page } = await visit(browser, `${server.url}/?page=settings#key=${server.keys.read}`);
  await settled(page);
  expect(page.url()).toBe(`${server.url}/`);
  expect(await page.getByRole("button", { name: "Settings" }).count()).toBe(0);
  expect(await page.getByRole("heading", { name: /^Settings/ }).count()).toBe(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`at ${width} px, ${colorScheme}, nothing sticks out or is in anybody's way`, async () => {
      const { page, complaints } = await settingsPage({ viewport: { width, height: 900 }, colorScheme });
      const sticksOut = () =>
        page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      expect(await sticksOut()).toBe(false);
      expect(await barriers(page)).toEqual([]);
      await section(page, "Keys").getByRole("button", { name: "Retire secret keys" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await barriers(page)).toEqual([]);
      expect(await sticksOut()).toBe(false);
      expect(complaints).toEqual([]);
    });
  }
}
