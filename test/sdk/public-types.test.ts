import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** The declarations of the package's entries, by path below `dir`, with all that they import of each other. */
async function declarationsOf(entries: readonly string[], dir: string): Promise<Map<string, string>> {
  const declarations = new Map<string, string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = relative(dir, path);
    if (declarations.has(name)) continue;
    const text = await readFile(path, "utf8");
    declarations.set(name, text);
    for (const [, imported = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.[jt]s"/g)) {
      waiting.push(join(dirname(path), `${imported}.d.ts`));
    }
  }
  return declarations;
}

/** After a change that is meant: `npx vitest run --project unit test/sdk/public-types.test.ts -u`, and a line in the changelog. */
test("the public types are those that are written down", async () => {
  const dir = await mkdtemp(join(tmpdir(), "headcount-types-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const emit = ["--declaration", "--emitDeclarationOnly", "--removeComments", "--outDir", dir];
  await promisify(execFile)(
    join(rootDir, "node_modules/.bin/tsc"),
    ["-p", "sdk/tsconfig.build.json", ...emit],
    {
      cwd: rootDir,
    },
  );
  const { exports } = JSON.parse(await readFile(join(rootDir, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  const types = JSON.stringify(exports).matchAll(/"types":"\.\/dist\/sdk\/(?:cjs\/)?([^"]+)"/g);
  // What `require` finds is copied from there.
  const entries = Array.from(types, ([, path = ""]) => join(dir, path));
  expect(entries.length).toBeGreaterThan(0);
  const declarations = await declarationsOf(entries, dir);
  const text = [...declarations]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, declaration]) => `// ${name}\n${declaration.trim()}\n`)
    .join("\n");
  await expect(text).toMatchFileSnapshot("public-types.txt");
});
