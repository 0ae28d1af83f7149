import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { filesIn, listsIn, rowsOf, sectionOf, textOf } from "./pages.ts";

const page = textOf("docs/storage.md");
const schema = textOf("worker/objects/schema.ts");
const headings = { shard: "## Shard", rollup: "## Roll-up", gate: "## Gate", directory: "## Directory" };
const classes = { shard: "Shard", rollup: "Rollup", gate: "Gate", directory: "Directory" };

/** The steps of one class of objects, as they stand in the schema's source. */
function stepsOf(kind: string): string[] {
  const [, list = ""] =
    new RegExp(`${kind}Steps: readonly string\\[\\] = \\[([^]*?)\n\\];`).exec(schema) ?? [];
  return Array.from(list.matchAll(/`([^`]+)`|"([^"]+)"/g), ([, long, short]) => long ?? short ?? "");
}

/** The columns of each table that these steps make. */
function tablesOf(steps: readonly string[]): [table: string, columns: unknown[]][] {
  const database = new DatabaseSync(":memory:");
  for (const step of steps) database.exec(step);
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  return names.map(({ name }) => {
    const columns = database.prepare(`PRAGMA table_info(${String(name)})`).all();
    return [String(name), columns.map((column) => column["name"])];
  });
}

test.each(Object.entries(headings))("every table and column of a %s is described", (kind, heading) => {
  const section = sectionOf(page, heading);
  const tables = tablesOf(stepsOf(kind));
  expect(tables.length).toBeGreaterThan(0);
  for (const [table, columns] of tables) {
    const [described] = listsIn(sectionOf(section, `### \`${table}\``));
    expect([table, described]).toEqual([table, columns]);
  }
  const described = Array.from(section.matchAll(/^### `(\w+)`$/gm), ([, table = ""]) => table);
  expect(described.toSorted()).toEqual(tables.map(([table]) => table).toSorted());
});

test("the newest version of each schema is the number of its steps", () => {
  const rows = rowsOf(sectionOf(page, "## Schema versions"));
  for (const [kind, name] of Object.entries(classes)) {
    const row = rows.find(([first]) => first === name);
    expect([name, Number(row?.[1])]).toEqual([name, stepsOf(kind).length]);
  }
});

test("every name in `meta` is described, and no other", () => {
  const used = filesIn("worker")
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => Array.from(textOf(path).matchAll(/[gp][eu]tMeta\("(\w+)"/g), ([, name = ""]) => name));
  const described = [headings.rollup, headings.shard].flatMap(
    (heading) => listsIn(sectionOf(sectionOf(page, heading), "### `meta`"))[1] ?? [],
  );
  expect([...new Set(described)].toSorted()).toEqual([...new Set(used)].toSorted());
});
