import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { rootDir } from "../docs/pages.ts";
import { blocksOf } from "./documented.ts";

/** Modules by the names under which recipes import them. */
type Modules = Record<string, Record<string, unknown>>;

/** The recipes of a page, to be run as they are written there. */
export interface Recipes {
  /**
   * Runs a recipe anew, and gives what it exports.
   *
   * @param name the file that its first line names
   * @param modules what the recipe imports that is not installed; everything else it gets as an app would
   */
  load<Exports>(name: string, modules: Modules): Promise<Exports>;
  close(): Promise<void>;
}

export async function openRecipes(page = "docs/frameworks.md"): Promise<Recipes> {
  const dir = await mkdtemp(join(tmpdir(), "headcount-recipes-"));
  await mkdir(join(dir, "node_modules"));
  await symlink(rootDir, join(dir, "node_modules/headcount"));
  for (const name of ["@clerk", "fastify", "koa", "react", "standardwebhooks"]) {
    await symlink(join(rootDir, "node_modules", name), join(dir, "node_modules", name));
  }
  const blocks = blocksOf(await readFile(join(rootDir, page), "utf8"));
  let loaded = 0;
  return {
    async load<Exports>(name: string, modules: Modules): Promise<Exports> {
      const block = blocks.find(({ lines }) => lines[0] === `// ${name}`);
      if (!block) throw new Error(`${page} has no recipe ${name}`);
      const outfile = join(dir, `${loaded++}.mjs`);
      const handedOver = `modules of ${outfile}`;
      Object.assign(globalThis, { [handedOver]: modules });
      await build({
        stdin: { contents: block.lines.join("\n"), loader: "tsx", resolveDir: dir },
        bundle: true,
        platform: "node",
        format: "esm",
        packages: "external",
        jsx: "automatic",
        plugins: [standingIn(handedOver, Object.keys(modules))],
        outfile,
      });
      return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Exports;
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Has imports of these names answered by what the test has handed over. */
function standingIn(handedOver: string, names: string[]): Plugin {
  return {
    name: "standing-in",
    setup(building) {
      building.onResolve({ filter: /./ }, ({ path }) =>
        names.includes(path) ? { path, namespace: "standing-in" } : undefined,
      );
      building.onLoad({ filter: /./, namespace: "standing-in" }, ({ path }) => ({
        contents: `module.exports = globalThis[${JSON.stringify(handedOver)}][${JSON.stringify(path)}]`,
      }));
    },
  };
}
