/** One value under the cursor, with the colour in which it is painted. */
export interface ReadoutItem {
  name: string;
  colour: string;
  value: string;
  /** The interval, or why there is no value. */
  note?: string;
}

/** The legend of a chart, which is also where its cursor is read. Always of the same height. */
export function Readout({ when, items }: { when: string; items: ReadoutItem[] }) {
  return (
    <div class="readout">
      <span class="readout-when">{when}</span>
      {items.map(({ name, colour, value, note }) => (
        <span class="readout-item" key={name}>
          <i class="dot" style={{ background: `var(${colour})` }} />
          {name} <b>{value}</b>
          {note !== undefined && note !== "" && <small>{note}</small>}
        </span>
      ))}
    </div>
  );
}
