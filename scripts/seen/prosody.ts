import { opendir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ok, refused, type Result } from "../../worker/result.ts";
import { UsageError } from "../command-line.ts";
import { type LuaValue, readLuaTable } from "./lua-table.ts";
import type { SeenSource } from "./seen.ts";

const stores = ["lastlog2", "account_activity"];
/** Far more than either store writes of a person. */
const maxFileBytes = 65_536;

/**
 * A store of Prosody's internal storage: a folder `HOST/lastlog2` or `HOST/account_activity` with a file for each person, who is
 * counted as `user@host`. Files count as lines, in the order of their names.
 *
 * @param whole is told how many files there are
 */
export async function* seenInProsody(folder: string, whole: (files: number) => void): SeenSource {
  const path = resolve(folder);
  if (!stores.includes(basename(path))) {
    throw new UsageError(`expected a folder of Prosody's data, such as /var/lib/prosody/HOST/${stores[0]}`);
  }
  const host = decoded(basename(dirname(path)));
  const names: string[] = [];
  for await (const { name } of await opendir(path)) if (name.endsWith(".dat")) names.push(name);
  whole(names.length);
  for (const [index, name] of names.toSorted().entries()) {
    const at = await lastIn(join(path, name));
    const line = index + 1;
    if (!at.ok) yield { line, ...at };
    else if (at.value === null) yield { line, ok: true, value: null };
    else yield { line, ok: true, value: { user: `${decoded(name.slice(0, -4))}@${host}`, at: at.value } };
  }
}

/** Prosody writes what is no letter or digit as `%` and two hexadecimal digits a byte, in names of folders and files. */
function decoded(name: string): string {
  const bytes = name.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}

/** Unix milliseconds; null where the person did nothing but register. */
async function lastIn(file: string): Promise<Result<number | null>> {
  if ((await stat(file)).size > maxFileBytes) return refused(`expected at most ${maxFileBytes} bytes`);
  const table = readLuaTable(await readFile(file, "utf8"));
  if (!table.ok) return table;
  const times = timesIn(table.value);
  return ok(times.length === 0 ? null : Math.max(...times) * 1000);
}

/** `account_activity` holds one `timestamp`, lastlog2 one for each kind of event. To be registered is no activity. */
function timesIn(table: LuaValue): number[] {
  if (typeof table !== "object" || table === null) return [];
  return Object.entries(table).flatMap(([name, value]) => {
    if (name === "timestamp") return typeof value === "number" ? [value] : [];
    return name === "registered" ? [] : timesIn(value);
  });
}
