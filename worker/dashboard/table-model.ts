/** What a panel shows, in figures: for the table behind it and for its download. */
export interface TableModel {
  caption: string;
  /** Whether its rows are days or weeks, the oldest first: a reader is shown the newest first. */
  isByTime?: boolean;
  columns: string[];
  /** The first cell of each row names it. Null is what isn't known. */
  rows: (string | number | null)[][];
}

/** The table as CSV (RFC 4180). What isn't known is an empty cell. */
export function csvOf({ columns, rows }: TableModel): string {
  return [columns, ...rows]
    .map((row) => `${row.map((cell) => quoted(String(cell ?? ""))).join(",")}\r\n`)
    .join("");
}

/** A cell that a spreadsheet would take for a formula is kept a text. */
function quoted(cell: string): string {
  const text = /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
