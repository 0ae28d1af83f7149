import type { AppRow, AppsAnswer } from "../worker/query/app-list.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultDataDir, existingSecret } from "./data-folder.ts";
import { typed } from "./installation.ts";
import { defaultUrl, reach, refusalOf } from "./transfer.ts";

const usage = `${typed("apps")} [--url ${defaultUrl}] [--json] [--data DIR]`;

/** Apps that are asked for at once; the service works on a few of them at a time. */
const appsPerPage = 100;

const columns = ["online", "dau", "wau", "mau"] as const;
const numbers = new Intl.NumberFormat("en-US");

/** Every app, page by page, in the order of the service. One that has changed places between two pages is there once. */
async function allApps(url: string, secret: string): Promise<AppRow[]> {
  const rows = new Map<string, AppRow>();
  let after: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(appsPerPage), ...(after !== null && { after }) });
    const response = await reach(url, `/v1/apps?${query}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    if (!response.ok) throw await refusalOf(response);
    const answer = await response.json().catch(() => null);
    if (!isAnswer(answer))
      throw new UsageError(`${url}  isn't a Headcount service of 0.2 or later: check --url`);
    for (const row of answer.apps) rows.set(row.app, rows.get(row.app) ?? row);
    after = answer.next;
  } while (after !== null);
  return [...rows.values()];
}

function isAnswer(answer: unknown): answer is AppsAnswer {
  return typeof answer === "object" && answer !== null && "apps" in answer && Array.isArray(answer.apps);
}

/** A count with its interval; the count alone where it is exact. */
function written({ count, low, high }: AppRow["mau"]): string {
  if (count === null) return "-";
  const exact = numbers.format(count);
  return low === high ? exact : `${exact} (${numbers.format(low)} to ${numbers.format(high)})`;
}

function tableOf(rows: readonly AppRow[]): string {
  const lines = [
    ["app", "online", "DAU", "WAU", "MAU"],
    ...rows.map((row) => [row.app, ...columns.map((column) => written(row[column]))]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

await runCommand(async () => {
  const { values } = readCommandLine(
    {
      url: { type: "string", default: defaultUrl },
      json: { type: "boolean", default: false },
      data: { type: "string", default: defaultDataDir },
    },
    usage,
  );
  const rows = await allApps(values.url.replace(/\/$/, ""), await existingSecret(values.data));
  if (values.json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  process.stdout.write(rows.length === 0 ? "No app has activity yet.\n" : tableOf(rows));
  for (const { app, mau } of rows) {
    if (mau.count === null) process.stderr.write(`headcount: ${app}: ${mau.reason}\n`);
  }
});
