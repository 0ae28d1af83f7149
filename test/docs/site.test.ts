import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { apiReferencePage } from "../../scripts/api-reference.ts";
import { anchorOf, menuOf, repositoryUrl, siteLink } from "../../scripts/docs-site.ts";
import { openApiDocument } from "../../worker/schemas/openapi-document.ts";
import { filesIn, rootDir } from "./pages.ts";

const generator = join(rootDir, "docs/node_modules/vitepress/bin/vitepress.js");

test("a link to a page stays on the site, one to another file leads to the repository", () => {
  expect(siteLink("sdk.md", "wire.md#tokens")).toBe("wire.md#tokens");
  expect(siteLink("sdk.md", "#tokens")).toBe("#tokens");
  expect(siteLink("sdk.md", "https://example.com/a.md")).toBe("https://example.com/a.md");
  expect(siteLink("decisions/README.md", "../sketch.md")).toBe("../sketch.md");
  expect(siteLink("sdk.md", "../README.md#start")).toBe(`${repositoryUrl()}/tree/main/README.md#start`);
  expect(siteLink("decisions/0001-x.md", "../../sdk/wire.ts")).toBe(
    `${repositoryUrl()}/tree/main/sdk/wire.ts`,
  );
});

test("an anchor is the one that GitHub makes", () => {
  expect(anchorOf("`POST /v1/heartbeat`")).toBe("post-v1heartbeat");
  expect(anchorOf("Backup, and moving")).toBe("backup-and-moving");
});

test("the menu lists every page of docs once", () => {
  const links = menuOf().flatMap(({ items }) => items.map(({ link }) => link));
  const top = filesIn("docs")
    .filter((path) => /^docs\/[^/]+\.md$/.test(path))
    .map((path) => path.replace(/^docs(.*)\.md$/, "$1").replace(/^\/index$/, "/"));
  expect(links.toSorted()).toEqual([...top, "/decisions/README"].toSorted());
});

/** The names of all members of a schema, however deep. */
function membersOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => [
    ...(key === "properties" ? Object.keys(value as object) : []),
    ...membersOf(value),
  ]);
}

test("the API reference names every parameter and every member of the OpenAPI document in its section", () => {
  const page = apiReferencePage("style.css");
  const sections = new Map(
    Array.from(
      page.matchAll(/<section id="[^"]+">\n<h2><a [^>]+>([^<]+)<[^]+?<\/section>/g),
      ([text, name]) => [name, text],
    ),
  );
  type Documented = { parameters: { name: string }[]; requestBody?: object; responses: { default?: object } };
  const paths = openApiDocument()["paths"] as Record<string, Record<string, Documented>>;
  let checked = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { parameters, requestBody, responses }] of Object.entries(methods)) {
      const section = sections.get(`${method.toUpperCase()} ${path}`) ?? "";
      const { default: _problem, ...answers } = responses;
      const members = membersOf([requestBody, answers]).filter((name) => !/^\d+$/.test(name));
      const missing = [
        ...parameters.filter(({ name }) => !section.includes(`<td><code>${name}</code></td>`)),
        ...members.filter((name) => !new RegExp(`^ *${name}\\??: `, "m").test(section)),
      ];
      expect([method, path, missing]).toEqual([method, path, []]);
      checked += members.length;
    }
  }
  expect(checked).toBeGreaterThan(300);
});

test.skipIf(!existsSync(generator))(
  "the site has every page, a search index, the API reference, and no link that leads nowhere (npm run docs)",
  () => {
    const outDir = mkdtempSync(join(tmpdir(), "headcount-docs-"));
    try {
      execFileSync(process.execPath, [generator, "build", "docs", "--outDir", outDir], { cwd: rootDir });
      const read = (path: string) => readFileSync(join(outDir, path), "utf8");
      const sources = filesIn("docs").filter((path) => path.endsWith(".md"));
      const pages = sources.map((path) => path.replace(/^docs\/(.+)\.md$/, "$1.html"));
      const idsOf = new Map(
        pages.map((page) => [page, Array.from(read(page).matchAll(/\sid="([^"]+)"/g), ([, id]) => id)]),
      );
      const broken = pages.flatMap((page) =>
        Array.from(read(page).matchAll(/<a [^>]*href="([^"]+)"/g), ([, href = ""]) => href)
          .filter((href) => !/^https?:|^\/api\/$/.test(href))
          .filter((href) => {
            const [path = "", anchor] = href.split("#");
            const target = path === "" ? page : posix.join("/", posix.dirname(page), path).slice(1);
            const file = path.startsWith("/") ? path.slice(1) : target;
            const name = file === "" ? "index.html" : file.endsWith(".html") ? file : `${file}.html`;
            const ids = idsOf.get(name);
            return ids === undefined || (anchor !== undefined && !ids.includes(decodeURIComponent(anchor)));
          })
          .map((href) => `${page}: ${href}`),
      );
      expect(broken).toEqual([]);
      expect(read("api/index.html")).toBe(apiReferencePage("reference.css"));
      expect(Object.keys(JSON.parse(read("hashmap.json")) as object)).toHaveLength(sources.length);
      const chunks = readdirSync(join(outDir, "assets/chunks"));
      const index = chunks.find((name) => name.startsWith("@localSearchIndexroot"));
      for (const page of pages)
        expect(read(`assets/chunks/${index}`)).toContain(page.replace(/(^|\/)index\.html$|\.html$/, "$1"));
    } finally {
      rmSync(outDir, { recursive: true });
    }
  },
);
