import { readFile, writeFile } from "node:fs/promises";
import { costTable } from "./cost-model.ts";

/** Writes the table of costs into the documentation. */
const path = `${import.meta.dirname}/../docs/operations.md`;
const text = await readFile(path, "utf8");
const marked = /(<!-- cost -->\n)[^]*?(\n<!-- \/cost -->)/;
// A function, because dollars mean something else in a text.
await writeFile(
  path,
  text.replace(marked, (_, begin: string, end: string) => `${begin}\n${costTable()}\n${end}`),
);
console.log(costTable());
