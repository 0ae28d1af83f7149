import { readFile, writeFile } from "node:fs/promises";
import { readCommandLine, runCommand } from "../scripts/command-line.ts";
import { costTable, wayTable } from "./cost-model.ts";

/** Writes the table of costs into the documentation. */
await runCommand(async () => {
  readCommandLine({}, "npm run cost, which writes the table of costs into docs/operations.md");
  const path = `${import.meta.dirname}/../docs/operations.md`;
  const text = await readFile(path, "utf8");
  const tables = `${costTable()}\n\n${wayTable()}`;
  const marked = /(<!-- cost -->\n)[^]*?(\n<!-- \/cost -->)/;
  // A function, because dollars mean something else in a text.
  await writeFile(
    path,
    text.replace(marked, (_, begin: string, end: string) => `${begin}\n${tables}\n${end}`),
  );
  console.log(tables);
});
