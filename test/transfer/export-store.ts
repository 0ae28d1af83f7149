import type { DayRow } from "../../worker/counting/history.ts";
import type { ExportStore } from "../../worker/transfer/export-page.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** A roll-up's store in memory that can be exported: its rows are numbered in the order of their periods. */
export class MemoryExportStore extends MemoryStore implements ExportStore {
  sketchesAfter(row: number, limit: number, side: "added" | "removed") {
    return this.seriesIn(this.periods(0))
      .map(({ kind, series, start, end }, index) => {
        const sketch = this.getSketch({ kind, series, start, end }) as Uint8Array;
        return { row: index + 1, kind, series, start, end, sketch };
      })
      .filter((held) => held.row > row && held.series.startsWith("-") === (side === "removed"))
      .slice(0, limit);
  }

  daysAfter(start: number, limit: number): DayRow[] {
    return this.dayRows(start + 1, Infinity).slice(0, limit);
  }
}
