/**
 * What the Durable Objects store, as steps from one version to the next. A step that has been released is never
 * edited; a change is a new step.
 *
 * Shard: `log` holds rows of risen registers (`counting/parts.ts`) until the roll-up has absorbed them.
 * Roll-up: `sketch` holds a merged sketch a period and series; `meta` small values as JSON.
 */
export const shardSteps: readonly string[] = [
  `CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, parts BLOB NOT NULL);`,
];

export const rollupSteps: readonly string[] = [
  `CREATE TABLE sketch (
     kind TEXT NOT NULL,
     series TEXT NOT NULL,
     start INTEGER NOT NULL,
     end INTEGER NOT NULL,
     sketch BLOB NOT NULL,
     PRIMARY KEY (kind, series, start)
   );
   CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
];

/** Brings an object's tables to the newest version. Throws when they are of a newer one than this code knows. */
export function migrate(storage: DurableObjectStorage, steps: readonly string[]): void {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const version = Number(
    storage.sql.exec("SELECT max(version) AS version FROM schema_version").one()["version"] ?? 0,
  );
  if (version > steps.length) {
    throw new Error(
      `the stored data has version ${version}, this code knows up to ${steps.length}: run a newer release`,
    );
  }
  if (version === steps.length) return;
  storage.transactionSync(() => {
    for (const step of steps.slice(version)) storage.sql.exec(step);
    storage.sql.exec("INSERT INTO schema_version (version) VALUES (?)", steps.length);
  });
}
