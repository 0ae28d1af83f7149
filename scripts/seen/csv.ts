import { readInstant, type TimeUnit } from "../../worker/instant.ts";
import { readCsv } from "../../worker/http/csv.ts";
import { maxLineBytes } from "../../worker/limits.ts";
import { refused } from "../../worker/result.ts";
import { UsageError } from "../command-line.ts";
import type { SeenSource } from "./seen.ts";

/** CSV (RFC 4180) whose header line names `user` and `at`; other columns are left alone. */
export async function* seenInCsv(source: AsyncIterable<Uint8Array>, unit: TimeUnit): SeenSource {
  let columns: { user: number; at: number } | null = null;
  for await (const records of readCsv(source, maxLineBytes)) {
    for (const record of records) {
      const { line } = record;
      if ("error" in record) {
        yield { line, ...refused(record.error) };
      } else if (columns === null) {
        const names = record.fields.map((name) => name.trim().toLowerCase());
        columns = { user: names.indexOf("user"), at: names.indexOf("at") };
        if (columns.user < 0 || columns.at < 0) {
          throw new UsageError(`line ${line}: expected a header line with the columns user and at`);
        }
      } else {
        const at = readInstant(record.fields[columns.at]?.trim(), unit);
        if (at.ok) {
          yield { line, ok: true, value: { user: record.fields[columns.user] ?? "", at: at.value } };
        } else {
          yield { line, ...refused(`at: ${at.error}`) };
        }
      }
    }
  }
}
