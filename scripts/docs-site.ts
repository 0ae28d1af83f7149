import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { rootDir } from "./build.ts";

const docsDir = join(rootDir, "docs");

/** Groups of the site's menu, by the names of their pages. A name without a page is left out. */
const groups: [string, readonly string[]][] = [
  ["Start", ["index", "tutorial", "concepts", "faq", "troubleshooting", "comparison"]],
  ["Report activity", ["sdk", "react", "frameworks", "server", "mobile", "auth", "prosody", "wire"]],
  ["Read", ["queries", "dashboard", "webhooks"]],
  ["Operate", ["operations", "backup", "migrate", "security"]],
  ["Inside", ["walkthrough", "sketch", "storage", "invariants", "simulation", "decisions/README"]],
];

interface MenuGroup {
  text: string;
  items: { text: string; link: string }[];
}

/** The menu of the site: the pages that exist, under their own titles. Pages in no group come last. */
export function menuOf(): MenuGroup[] {
  const pages = topPages();
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const others = pages.filter((name) => !grouped.has(name));
  return [...groups, ["More", others] as const]
    .map(([text, names]) => ({ text, items: names.filter((name) => pages.includes(name)).map(menuItem) }))
    .filter(({ items }) => items.length > 0);
}

function menuItem(name: string) {
  return { text: titleOf(name), link: `/${name === "index" ? "" : name}` };
}

function topPages(): string[] {
  const names = readdirSync(docsDir).filter((name) => name.endsWith(".md"));
  return [...names.map((name) => name.slice(0, -".md".length)), "decisions/README"];
}

function titleOf(name: string): string {
  const [, title = name] = /^# (.+)$/m.exec(readFileSync(join(docsDir, `${name}.md`), "utf8")) ?? [];
  return title.replaceAll("`", "");
}

/** The address of the repository, as package.json has it. */
export function repositoryUrl(): string {
  const { repository } = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8")) as {
    repository: { url: string };
  };
  return repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
}

/**
 * Where a link of a page leads on the site. The pages link to each other and to files of the repository by relative
 * paths, which is what GitHub shows. What lies outside of `docs` isn't on the site: it leads to the repository.
 *
 * @param page the page's path from `docs`
 */
export function siteLink(page: string, href: string): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const target = posix.join("docs", posix.dirname(page), path);
  const isOnSite = target.startsWith("docs/") && target.endsWith(".md");
  if (isOnSite) return href;
  return `${repositoryUrl()}/tree/main/${target}${anchor === undefined ? "" : `#${anchor}`}`;
}

/** The anchor that GitHub gives a heading; the site takes the same, so that a link works in both places. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
