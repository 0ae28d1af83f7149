import type { ClientTokens, TokenStore } from "../tokens/token-book.ts";

const columns =
  "issued, current, previous, next, next_at, current_at, revoked, was_stolen, expires_at" as const;

/** The rows of `TokenBook` in a shard's `token` table. */
export function tokenStoreOf({ sql }: DurableObjectStorage): TokenStore {
  return {
    get(id) {
      const [row] = sql.exec<Row>(`SELECT ${columns} FROM token WHERE id = ?`, id).toArray();
      return row === undefined ? null : read(row);
    },
    put(id, row) {
      sql.exec(
        `INSERT OR REPLACE INTO token (id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        row.issued,
        row.current,
        row.previous,
        row.next,
        row.nextAt,
        row.currentAt,
        row.revoked,
        Number(row.wasStolen),
        row.expiresAt,
      );
    },
    count() {
      return Number(sql.exec("SELECT count(*) AS count FROM token").one()["count"]);
    },
    clientsOf(user) {
      const last = new Uint8Array(user.length + clientBytes).fill(0xff);
      last.set(user);
      const rows = sql.exec<{ id: ArrayBuffer }>("SELECT id FROM token WHERE id BETWEEN ? AND ?", user, last);
      return Array.from(rows, ({ id }) => new Uint8Array(id));
    },
    dropExpiredBy(now) {
      sql.exec("DELETE FROM token WHERE expires_at <= ?", now);
    },
    firstExpiry() {
      return sql.exec("SELECT min(expires_at) AS first FROM token").one()["first"] as number | null;
    },
  };
}

const clientBytes = 8;

type Row = Record<
  | "issued"
  | "current"
  | "previous"
  | "next"
  | "next_at"
  | "current_at"
  | "revoked"
  | "was_stolen"
  | "expires_at",
  number
>;

function read(row: Row): ClientTokens {
  return {
    issued: row.issued,
    current: row.current,
    previous: row.previous,
    next: row.next,
    nextAt: row.next_at,
    currentAt: row.current_at,
    revoked: row.revoked,
    wasStolen: row.was_stolen === 1,
    expiresAt: row.expires_at,
  };
}
