import type { MetaStore } from "../counting/meta-store.ts";
import { socketReportTtlMs } from "../limits.ts";

/** How many sockets of an app a gate holds, and when it said so, Unix milliseconds. */
export interface SocketReport {
  gate: string;
  open: number;
  at: number;
}

/** What the gates told an app's roll-up. A gate that has been silent for long is taken for gone. */
export class OpenSockets {
  readonly #store: MetaStore;

  constructor(store: MetaStore) {
    this.#store = store;
  }

  /** Takes up a report. The last one of a gate is the one that holds. */
  note(gate: string, open: number, now: number): void {
    const others = this.reports(now).filter((report) => report.gate !== gate);
    this.#store.putMeta("sockets", open === 0 ? others : [...others, { gate, open, at: now }]);
  }

  /** The reports that hold at `now`, one a gate. */
  reports(now: number): SocketReport[] {
    const reports = (this.#store.getMeta("sockets") as SocketReport[] | null) ?? [];
    // One of the future was made by a clock that was ahead.
    return reports.filter(({ at }) => Math.abs(now - at) <= socketReportTtlMs);
  }

  /** The open sockets of the app. */
  total(now: number): number {
    return this.reports(now).reduce((sum, { open }) => sum + open, 0);
  }
}
