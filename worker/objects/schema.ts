/**
 * What the Durable Objects store, as steps from one version to the next; docs/storage.md describes each column. A step
 * that has been released is never edited; a change is a new step.
 */
export const shardSteps: readonly string[] = [
  `CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, parts BLOB NOT NULL);
   CREATE TABLE alias (entry INTEGER PRIMARY KEY, target INTEGER);
   CREATE TABLE alias_seq (seq INTEGER NOT NULL);`,
  `CREATE TABLE token (
     id BLOB PRIMARY KEY,
     issued INTEGER NOT NULL,
     current INTEGER NOT NULL,
     previous INTEGER NOT NULL,
     next INTEGER NOT NULL,
     next_at INTEGER NOT NULL,
     current_at INTEGER NOT NULL,
     revoked INTEGER NOT NULL,
     was_stolen INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;`,
  "CREATE TABLE damaged (seq INTEGER PRIMARY KEY, parts BLOB NOT NULL);",
  "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",
  `ALTER TABLE alias ADD COLUMN until INTEGER;
   CREATE INDEX alias_until ON alias (until) WHERE until IS NOT NULL;`,
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
   CREATE TABLE alias (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     entry INTEGER NOT NULL UNIQUE,
     spread INTEGER NOT NULL,
     target INTEGER,
     target_spread INTEGER NOT NULL
   );
   CREATE INDEX alias_target ON alias (target);
   CREATE TABLE day (start INTEGER PRIMARY KEY, row TEXT NOT NULL);
   CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  `ALTER TABLE alias ADD COLUMN later INTEGER;
   ALTER TABLE alias ADD COLUMN later_shard_hash INTEGER;
   ALTER TABLE alias ADD COLUMN vague_at INTEGER;
   CREATE INDEX alias_vague ON alias (vague_at) WHERE vague_at IS NOT NULL;
   CREATE TABLE moved (
     entry INTEGER NOT NULL,
     start INTEGER NOT NULL,
     series TEXT NOT NULL,
     target INTEGER NOT NULL,
     PRIMARY KEY (entry, start, series)
   ) WITHOUT ROWID;`,
  `ALTER TABLE alias ADD COLUMN until INTEGER;
   CREATE INDEX alias_until ON alias (until) WHERE until IS NOT NULL;`,
];

export const gateSteps: readonly string[] = [
  `CREATE TABLE told (app TEXT PRIMARY KEY, open INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;`,
];

export const directorySteps: readonly string[] = [
  `CREATE TABLE app (name TEXT PRIMARY KEY, mau INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX app_mau ON app (mau DESC, name);`,
];

/**
 * Brings an object's tables to the newest version. Returns the version in which they were found; 0 of a new object.
 *
 * @throws Error when they are of a newer version than this code knows
 */
export function migrate(storage: DurableObjectStorage, steps: readonly string[]): number {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const version = Number(
    storage.sql.exec("SELECT max(version) AS version FROM schema_version").one()["version"] ?? 0,
  );
  if (version > steps.length) {
    throw new Error(
      `stored data: it has version ${version}, and this release reads up to ${steps.length}: run a newer release`,
    );
  }
  if (version === steps.length) return version;
  storage.transactionSync(() => {
    for (const step of steps.slice(version)) storage.sql.exec(step);
    storage.sql.exec("INSERT INTO schema_version (version) VALUES (?)", steps.length);
  });
  return version;
}
