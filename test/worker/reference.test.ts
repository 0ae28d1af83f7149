import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { routes } from "../../worker/routes.ts";

const get = (path: string) => exports.default.fetch(new Request(`https://headcount.test${path}`));

test("the API reference has a section for each route, and a link to it", async () => {
  const response = await get("/docs");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const page = await response.text();
  const headings = Array.from(page.matchAll(/<h2><a href="#([^"]+)">([^<]+)<\/a><\/h2>/g));
  expect(headings.map(([, , name = ""]) => name).toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
  for (const [, id = ""] of headings) {
    expect([id, page.includes(`<section id="${id}">`)]).toEqual([id, true]);
    expect([id, page.includes(`<li><a href="#${id}">`)]).toEqual([id, true]);
  }
});

test("the API reference keeps within its policy: no script, nothing inline, nothing from elsewhere", async () => {
  const response = await get("/docs");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; style-src 'self';");
  const page = await response.text();
  expect(page).not.toMatch(/<script|<style|\sstyle=|\son\w+=|https?:\/\//);
  const loaded = Array.from(
    page.matchAll(/<(?:link|img|iframe)\b[^>]*(?:href|src)="([^"]+)"/g),
    ([, url]) => url,
  );
  expect(loaded).toEqual(["/docs.css"]);
  const style = await get("/docs.css");
  expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(await style.text()).not.toMatch(/url\(|@import/);
});

test("the API reference takes at most 100 KB of the Worker", async () => {
  const texts = await Promise.all(
    ["/docs", "/docs.css"].map(async (path) => (await get(path)).arrayBuffer()),
  );
  expect(texts.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(100_000);
});
