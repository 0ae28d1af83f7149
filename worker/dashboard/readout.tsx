/** One value under the cursor, with the colour in which it is painted. */
export interface ReadoutItem {
  name: string;
  colour: string;
  value: string;
  /** The interval, or why there is no value; may be empty. */
  note: string;
}

/** The legend of a chart, which is also where its cursor is read. Always of the same height. */
export function Readout({ when, items }: { when: string; items: ReadoutItem[] }) {
  return (
    <div class="readout">
      <span class="readout-when">{when}</span>
      <span class={`readout-items${items.length > 1 ? " are-many" : ""}`}>
        {items.map(({ name, colour, value, note }) => (
          <span class="readout-item" key={name}>
            <i class="dot" style={{ background: `var(${colour})` }} />
            <span class="readout-name" title={name}>
              {name}
            </span>
            <b>{value}</b>
            {note !== "" && <small>{note}</small>}
          </span>
        ))}
      </span>
    </div>
  );
}
