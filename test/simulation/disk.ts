import { DatabaseSync, type StatementSync } from "node:sqlite";
import { sabotage, type Value } from "./sabotage.ts";
import type { Actor, World } from "./world.ts";

/** How the storage of objects misbehaves. Chances from 0 to 1. */
export interface DiskFaults {
  /** A write throws and changes nothing. */
  write: number;
  /** A flush takes seconds. */
  slowFlush: number;
  /** An alarm is lost, rings twice, or rings late. */
  lostAlarm: number;
  doubledAlarm: number;
  lateAlarm: number;
}

/**
 * What one object has on disk, and what outlives it. Writes gather in a transaction and are durable once it is flushed; a
 * crash takes back what was not. In SQLite, as on the platform.
 */
export class Disk {
  readonly #name: string;
  readonly #world: World;
  readonly #faults: DiskFaults;
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #isDirty = false;
  #waiting: (() => void)[] = [];
  #alarm: number | null = null;
  #durableAlarm: number | null = null;
  #callOff: (() => void) | null = null;
  /** Rings the object that this disk belongs to; resolves whether it took it. */
  ring: () => Promise<boolean> = async () => true;

  constructor(name: string, world: World, faults: DiskFaults) {
    this.#name = name;
    this.#world = world;
    this.#faults = faults;
  }

  close(): void {
    this.#db.close();
  }

  /** All rows of a query on what is durable or about to be, for the world's own use. */
  look(query: string): Record<string, Value>[] {
    return this.#db.prepare(query).all() as Record<string, Value>[];
  }

  exec(wanted: string, given: Value[]): Record<string, Value>[] {
    const [query, bindings] = sabotage.exec?.(this.#name, wanted, given) ?? [wanted, given];
    const isWrite = !/^\s*SELECT/i.test(query);
    if (isWrite) {
      if (this.#world.chance(this.#faults.write)) throw new Error("the disk refuses");
      this.#touch();
    }
    if (bindings.length === 0 && isWrite) {
      this.#db.exec(query);
      return [];
    }
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = this.#db.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement.all(...bindings) as Record<string, Value>[];
  }

  transaction<Result>(work: () => Result): Result {
    this.#touch();
    this.#db.exec("SAVEPOINT turn");
    try {
      const result = work();
      this.#db.exec("RELEASE turn");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK TO turn; RELEASE turn");
      throw error;
    }
  }

  /** Resolves once all that was written before is durable. */
  flushed(): Promise<void> {
    if (!this.#isDirty || sabotage.isDurableTooSoon) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  get alarm(): number | null {
    return this.#alarm;
  }

  setAlarm(at: number): void {
    if (this.#world.chance(this.#faults.write)) throw new Error("the disk refuses");
    this.#touch();
    this.#alarm = at;
    this.#schedule();
  }

  /** Forgets what is not durable. */
  crash(): void {
    this.#waiting = [];
    if (this.#isDirty) this.#db.exec("ROLLBACK");
    this.#isDirty = false;
    this.#alarm = this.#durableAlarm;
    this.#schedule();
  }

  #touch(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#db.exec("BEGIN");
    const isSlow = this.#world.chance(this.#faults.slowFlush);
    this.#world.soon(isSlow ? this.#world.between(500, 4000) : this.#world.between(1, 20), () =>
      this.#flush(),
    );
  }

  #flush(): void {
    // The transaction that this was for may have crashed away; what came since is flushed a little early.
    if (!this.#isDirty) return;
    this.#db.exec("COMMIT");
    this.#isDirty = false;
    this.#durableAlarm = this.#alarm;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #schedule(): void {
    this.#callOff?.();
    if (this.#alarm === null) return;
    const { doubledAlarm, lateAlarm, lostAlarm } = this.#faults;
    const world = this.#world;
    if (world.chance(lostAlarm)) return;
    const dueMs = this.#alarm - world.now;
    const lateMs = world.chance(lateAlarm) ? world.between(1000, 90_000) : world.between(0, 50);
    const nobody: Actor = { name: "alarm", skewMs: 0, isAlive: true };
    this.#callOff = world.after(dueMs + lateMs, () => void this.#onAlarm(), nobody);
    if (world.chance(doubledAlarm)) {
      world.after(dueMs + lateMs + world.between(0, 3000), () => void this.ring(), nobody);
    }
  }

  async #onAlarm(): Promise<void> {
    this.#alarm = null;
    // Not durable before the handler is done: an alarm rings at least once.
    const isTaken = await this.ring();
    if (isTaken) {
      if (!this.#isDirty) this.#durableAlarm = this.#alarm;
    } else if (this.#alarm === null) {
      this.#alarm = this.#world.now + 2000;
      this.#schedule();
    }
  }
}
