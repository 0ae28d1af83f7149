import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { anchorOf } from "../../scripts/docs-site.ts";
import { defaultSettings, firstSettings } from "../../worker/counting/app-settings.ts";
import { filesIn, listsIn, pages, rootDir, rowsOf, sectionOf, textOf } from "./pages.ts";

/** Whatever a page says outside of its blocks of code. */
function proseOf(path: string): string {
  return textOf(path).replaceAll(/^( *)```[^]*?^\1```$/gm, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsIn(path: string): string[] {
  return Array.from(proseOf(path).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => anchorOf(heading));
}

const files = [...filesIn("worker", "sdk", "test", "scripts", "bench", "docs", "examples"), ...pages];

test("every link leads to a file, and to a heading in it", () => {
  const broken = pages.flatMap((page) => {
    const links = Array.from(proseOf(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
    return links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [to = "", anchor] = link.split("#");
        const path = to === "" ? page : join(dirname(page), to);
        if (!existsSync(rootDir + path)) return true;
        return anchor !== undefined && !anchorsIn(path).includes(anchor);
      })
      .map((link) => `${page}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test("every file and folder that a page names exists", () => {
  // What a command writes, and what other programs' users name so.
  const made = /^(dist|\.headcount|node_modules)\b/;
  const missing = pages
    // It names files that were there once.
    .filter((page) => page !== "CHANGELOG.md")
    .flatMap((page) => {
      const spans = Array.from(proseOf(page).matchAll(/`([^`]+)`/g), ([, span = ""]) => span.split(/\s+/));
      return spans
        .flat()
        .filter((name) => /^[\w./-]+$/.test(name))
        .filter((name) =>
          /^(worker|sdk|test|scripts|bench|docs|examples|\.ci)\/|\w\.(tsx?|capnp|toml)$/.test(name),
        )
        .filter((name) => !made.test(name) && !isThere(name, page))
        .map((name) => `${page}: ${name}`);
    });
  expect(missing).toEqual([]);
});

/** By its path from the root or from the page, or by the end of a path. */
function isThere(name: string, page: string): boolean {
  return (
    existsSync(join(rootDir, name)) ||
    existsSync(join(rootDir, dirname(page), name)) ||
    files.some((file) => file.endsWith(`/${name}`))
  );
}

test("every script that a page runs is in package.json", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const missing = pages.flatMap((page) =>
    Array.from(textOf(page).matchAll(/\bnpm run (?:-s )?([\w:]+)/g), ([, name = ""]) => name)
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${page}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test("every command that sends a body says what type it has", () => {
  // The type that curl sends by itself, that of a form, is refused.
  const wrong = pages.flatMap((page) =>
    textOf(page)
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => /\bcurl\b.* (-d|--data\S*) /.test(line) && !/content-type:|"\$J"/i.test(line))
      .map((line) => `${page}: ${line}`),
  );
  expect(wrong).toEqual([]);
});

test("the README is no longer than 250 lines", () => {
  expect(textOf("README.md").split("\n").length - 1).toBeLessThanOrEqual(250);
});

test("docs/settings.md lists every setting with its default", () => {
  const rows = new Map(
    rowsOf(sectionOf(textOf("docs/settings.md"), "## All settings")).map(([name, value]) => [name, value]),
  );
  for (const [name, value] of Object.entries({ ...defaultSettings, ...firstSettings })) {
    if (!Array.isArray(value) && typeof value === "object" && value !== null) {
      expect([name, rows.get(name)]).toEqual([name, name === "allowedValues" ? "{}" : "all 0"]);
      continue;
    }
    const written = value === null ? "" : Array.isArray(value) ? JSON.stringify(value) : String(value);
    expect([name, rows.get(name)]).toEqual([name, written]);
  }
});

test("the page for operators lists every event that is logged, and no other", () => {
  const logged = filesIn("worker")
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) =>
      Array.from(textOf(path).matchAll(/log(?:Error|Event)\("([\w-]+)"/g), ([, name = ""]) => name),
    );
  const [listed = []] = listsIn(sectionOf(textOf("docs/operations.md"), "### The log"));
  expect(listed.toSorted()).toEqual([...new Set(logged)].toSorted());
});

test("every decision has a status and a date, and is in the list", () => {
  const list = textOf("docs/decisions/README.md");
  const decisions = filesIn("docs/decisions").filter((path) => /\/\d{4}-/.test(path));
  for (const path of decisions) {
    const [, status] =
      /^# .+\n\nStatus: (accepted|superseded by \[.+\]\(.+\)), \d{4}-\d\d-\d\d/.exec(textOf(path)) ?? [];
    expect([path, status]).toEqual([path, expect.any(String)]);
    expect([path, list.includes(path.slice("docs/decisions/".length))]).toEqual([path, true]);
  }
});
