import { mkdir, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";
import { apiReferencePage } from "../../scripts/api-reference.ts";
import { anchorOf, menuOf, repositoryUrl, siteLink } from "../../scripts/docs-site.ts";

const referenceStyle = new URL("../../worker/reference/reference.css", import.meta.url);

export default defineConfig({
  title: "Headcount",
  description: "How many people use your app, without a list of who they are",
  outDir: "../dist/docs",
  themeConfig: {
    nav: [{ text: "API reference", link: "/api/", target: "_self" }],
    sidebar: menuOf(),
    search: { provider: "local" },
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: repositoryUrl() }],
  },
  markdown: {
    anchor: { slugify: anchorOf },
    config(md) {
      // Conversations over a socket, in wire.md: no highlighter knows them.
      md.core.ruler.push("plain-blocks", ({ tokens }) => {
        for (const token of tokens) if (token.type === "fence" && token.info === "live") token.info = "txt";
      });
      md.core.ruler.push("links-of-the-repository", ({ env, tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === "link_open") {
            token.attrSet("href", siteLink(env.relativePath, token.attrGet("href") ?? ""));
          }
        }
      });
    },
  },
  // The page that the service itself has at /docs.
  async buildEnd({ outDir }) {
    await mkdir(`${outDir}/api`, { recursive: true });
    await writeFile(`${outDir}/api/index.html`, apiReferencePage("reference.css"));
    await writeFile(`${outDir}/api/reference.css`, readFileSync(referenceStyle));
  },
});
