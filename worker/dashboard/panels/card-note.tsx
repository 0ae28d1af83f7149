import type { WindowRow } from "../../../sdk/answers.ts";
import { interval, number } from "../format.ts";

/** The line under a card's figure: its interval, or why there is none. */
export function CardNote({ row }: { row: WindowRow | undefined }) {
  if (row?.low == null || row.low === row.high) {
    return (
      <p class="card-note" title={row?.reason}>
        {row?.reason ?? interval(row ?? {})}
      </p>
    );
  }
  return (
    <p class="card-note" title="The true number lies between these in 95 of 100 cases.">
      95 %<span class="card-note-more"> interval</span>: {number(row.low)} – {number(row.high)}
    </p>
  );
}
