import { DurableObject } from "cloudflare:workers";
import type { SketchPart } from "../counting/parts.ts";
import { type RollupStore, RollupState, type Scope, type WindowCount } from "../counting/rollup-state.ts";
import { seriesOf, valueOf } from "../counting/series.ts";
import type { AppConfig, Settings } from "../counting/settings.ts";
import type { Env } from "../env.ts";
import { hourMs } from "../limits.ts";
import { parseObjectName } from "./names.ts";
import { migrate, rollupSteps } from "./schema.ts";

/** The roll-up of one app: gives `RollupState` storage, a clock and alarms. */
export class Rollup extends DurableObject<Env> {
  readonly #state: RollupState;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage, rollupSteps);
    this.#state = new RollupState(storeOf(ctx.storage), parseObjectName(ctx.id.name ?? "").keyId);
  }

  /** Resolves once the parts are durable. */
  async absorb(parts: SketchPart[]): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#state.absorb(parts));
    if ((await this.ctx.storage.getAlarm()) === null) await this.#wakeNextHour();
    await this.ctx.storage.sync();
  }

  /** How many people were active in each span, `from` included, `to` not; Unix milliseconds, by the asker's clock. */
  count(spans: { from: number; to: number }[], now: number, scope: Scope): WindowCount[] {
    return spans.map(({ from, to }) => this.#state.count(from, to, now, scope));
  }

  config(): AppConfig {
    return this.#state.config();
  }

  async changeSettings(change: Partial<Settings>): Promise<AppConfig> {
    const config = this.ctx.storage.transactionSync(() => this.#state.changeSettings(change, Date.now()));
    await this.ctx.storage.sync();
    return config;
  }

  override async alarm(): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#state.expire(Date.now()));
    await this.#wakeNextHour();
  }

  /** A little after the hour, not all apps at once. */
  async #wakeNextHour(): Promise<void> {
    const nextHour = Math.ceil((Date.now() + 1) / hourMs) * hourMs;
    await this.ctx.storage.setAlarm(nextHour + Math.random() * 5 * 60_000);
  }
}

function storeOf(storage: DurableObjectStorage): RollupStore {
  const { sql } = storage;
  return {
    getSketch({ kind, series, start }) {
      const [row] = sql
        .exec<{ sketch: ArrayBuffer }>(
          "SELECT sketch FROM sketch WHERE kind = ? AND series = ? AND start = ?",
          kind,
          series,
          start,
        )
        .toArray();
      return row === undefined ? null : new Uint8Array(row.sketch);
    },
    putSketch({ kind, series, start, end, sketch }) {
      sql.exec(
        `INSERT INTO sketch (kind, series, start, end, sketch) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET sketch = excluded.sketch`,
        kind,
        series,
        start,
        end,
        sketch,
      );
    },
    dropEndedBy(kind, end, of) {
      const series = of === "everyone" ? "series = ''" : "series <> ''";
      sql.exec(`DELETE FROM sketch WHERE kind = ? AND end <= ? AND ${series}`, kind, end);
    },
    valuesIn(kind, from, to, dimension) {
      const prefix = seriesOf(dimension, "");
      const rows = sql.exec<{ series: string }>(
        // The names of a dimension's series lie between its prefix and the next character after "=".
        `SELECT DISTINCT series FROM sketch
         WHERE kind = ? AND series >= ? AND series < ? AND start >= ? AND start < ?`,
        kind,
        prefix,
        `${dimension}>`,
        from,
        to,
      );
      return Array.from(rows, ({ series }) => valueOf(series));
    },
    firstDay() {
      const row = sql.exec("SELECT min(start) AS start FROM sketch WHERE kind = 'day' AND series = ''").one();
      return row["start"] as number | null;
    },
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
