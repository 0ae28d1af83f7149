import { readFile, writeFile } from "node:fs/promises";
import { costTable } from "./cost-model.ts";

/** Writes the table of costs into the documentation. */
const path = `${import.meta.dirname}/../docs/operations.md`;
const text = await readFile(path, "utf8");
const marked = /(<!-- cost -->\n)[^]*?(\n<!-- \/cost -->)/;
await writeFile(path, text.replace(marked, `$1\n${costTable()}\n$2`));
console.log(costTable());
