import type { MetaStore } from "../counting/meta-store.ts";

/** The table `meta` of an object: JSON by name. */
export function metaOf({ sql }: DurableObjectStorage): MetaStore {
  return {
    getMeta(name) {
      const [row] = sql.exec<{ value: string }>("SELECT value FROM meta WHERE name = ?", name).toArray();
      return row === undefined ? null : JSON.parse(row.value);
    },
    putMeta(name, value) {
      sql.exec(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        name,
        JSON.stringify(value),
      );
    },
  };
}
