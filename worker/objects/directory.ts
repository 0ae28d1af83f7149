import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import type { AppPlace } from "../query/app-list.ts";
import type { DirectoryRpc } from "../rpc.ts";
import { directorySteps, migrate } from "./schema.ts";

/**
 * Which apps of one secret have activity. Their roll-ups tell it so each hour: nobody else knows of them all, and what is lost
 * here is back within the hour.
 */
export class Directory extends DurableObject<Env> implements DirectoryRpc {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage, directorySteps);
  }

  async note(app: string, mau: number | null): Promise<void> {
    const { sql } = this.ctx.storage;
    if (mau === null) sql.exec("DELETE FROM app WHERE name = ?", app);
    else {
      sql.exec(
        "INSERT INTO app (name, mau) VALUES (?, ?) ON CONFLICT DO UPDATE SET mau = excluded.mau",
        app,
        mau,
      );
    }
    await this.ctx.storage.sync();
  }

  async page(limit: number, after: AppPlace | null): Promise<AppPlace[]> {
    const { mau, app } = after ?? { mau: Number.MAX_SAFE_INTEGER, app: "" };
    return this.ctx.storage.sql
      .exec<{ app: string; mau: number }>(
        `SELECT name AS app, mau FROM app WHERE mau < ? OR (mau = ? AND name > ?)
         ORDER BY mau DESC, name LIMIT ?`,
        mau,
        mau,
        app,
        limit,
      )
      .toArray();
  }
}
