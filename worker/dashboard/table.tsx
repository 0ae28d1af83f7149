import { number, unknown } from "./format.ts";
import type { TableModel } from "./table-model.ts";

/** A table that scrolls inside its panel, or is there for screen readers alone. */
export function FigureTable({ model, isShown }: { model: TableModel; isShown: boolean }) {
  const rows = model.isByTime ? model.rows.toReversed() : model.rows;
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
          {rows.map(([name, ...cells]) => (
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
