import { number, unknown } from "./format.ts";

/** What a panel shows, in figures: for the table behind it and for its download. */
export interface TableModel {
  caption: string;
  columns: string[];
  /** The first cell of each row names it. Null is what isn't known. */
  rows: (string | number | null)[][];
}

/** A table that scrolls inside its panel, or is there for screen readers alone. */
export function FigureTable({ model, isShown }: { model: TableModel; isShown: boolean }) {
  return (
    <div
      class={isShown ? "table-box" : "unseen"}
      {...(isShown && { tabIndex: 0, role: "region", "aria-label": model.caption })}
    >
      <table>
        <caption class="unseen">{model.caption}</caption>
        <thead>
          <tr>
            {model.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {model.rows.map(([name, ...cells]) => (
            <tr key={name}>
              <th scope="row">{name ?? unknown}</th>
              {cells.map((cell, index) => (
                <td key={index}>{typeof cell === "string" ? cell : written(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function written(cell: number | null | undefined): string {
  return cell != null && !Number.isInteger(cell) ? String(cell) : number(cell);
}
