import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The marks of the roll-ups that the data folder has held, by their objects' ids. */
type Marks = Record<string, string>;

/**
 * Which of the roll-ups that were there when this was last noted are there no more: their files are gone or emptied, or others have
 * begun in their place. The engine would make them anew without a word.
 */
export function lostRollups(dataDir: string): string[] {
  return Object.entries(readMarks(dataDir))
    .filter(([id, mark]) => !isThere(dataDir, id, mark))
    .map(([id]) => id);
}

/**
 * Notes which roll-ups are there. Only while no engine is: a database is of one process.
 *
 * @param lost those that are still missed, unless their loss was accepted
 */
export function noteRollups(dataDir: string, lost: readonly string[]): void {
  const before = readMarks(dataDir);
  const marks: Marks = {};
  for (const id of idsIn(dataDir)) {
    try {
      const mark = markIn(dataDir, id);
      if (mark !== null) marks[id] = mark;
    } catch {
      // A damaged one is still known.
      if (before[id] !== undefined) marks[id] = before[id];
    }
  }
  for (const id of lost) marks[id] = before[id] ?? "";
  const path = marksPath(dataDir);
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(marks, null, 1)}\n`);
    renameSync(`${path}.new`, path);
  } catch {
    // On a full disk what was noted before stands.
  }
}

function isThere(dataDir: string, id: string, mark: string): boolean {
  if (!existsSync(databasePath(dataDir, id))) return false;
  try {
    return markIn(dataDir, id) === mark;
  } catch {
    // Damaged, and not lost: the engine says so itself.
    return true;
  }
}

/** The mark of a roll-up, or null in a file that holds none. Throws where the file can't be read. */
function markIn(dataDir: string, id: string): string | null {
  const database = new DatabaseSync(databasePath(dataDir, id), { readOnly: true });
  try {
    const [table] = database.prepare("SELECT name FROM sqlite_master WHERE name = 'meta'").all();
    if (table === undefined) return null;
    const [row] = database.prepare("SELECT value FROM meta WHERE name = 'mark'").all();
    return row === undefined ? null : (JSON.parse(String(row["value"])) as string);
  } finally {
    database.close();
  }
}

function idsIn(dataDir: string): string[] {
  const folder = join(dataDir, "objects", "headcount-rollup");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => /^([0-9a-f]{64})\.sqlite$/.exec(name)?.[1] ?? []);
}

function readMarks(dataDir: string): Marks {
  try {
    return JSON.parse(readFileSync(marksPath(dataDir), "utf8")) as Marks;
  } catch {
    return {};
  }
}

function marksPath(dataDir: string): string {
  return join(dataDir, "rollups.json");
}

function databasePath(dataDir: string, id: string): string {
  return join(dataDir, "objects", "headcount-rollup", `${id}.sqlite`);
}
