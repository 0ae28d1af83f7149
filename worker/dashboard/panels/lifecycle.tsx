import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { LifecycleAnswer, LifecycleRow, Count } from "../../../sdk/answers.ts";
import { Chart } from "../charts/chart.tsx";
import { intervalChoices, Segmented } from "../controls.tsx";
import { pictureOf } from "../download.ts";
import { compact, day, interval, number } from "../format.ts";
import { Panel } from "../panel.tsx";
import { Readout } from "../readout.tsx";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";

type Kind = "resurrected" | "returning" | "new" | "dormant";

const kinds: { kind: Kind; name: string; colour: string }[] = [
  { kind: "new", name: "New", colour: "--green" },
  { kind: "resurrected", name: "Came back", colour: "--violet" },
  { kind: "returning", name: "Stayed", colour: "--accent-mid" },
  { kind: "dormant", name: "Left", colour: "--rose" },
];
const periodsOf = { day: 30, week: 12 } as const;

/** What became of the people from one period to the next. */
export function LifecyclePanel() {
  const { view, setView, firstDate } = useContext(SessionContext);
  const unit = view.interval;
  const query = useQuery<LifecycleAnswer>(lifecyclePath(view), 120_000);
  const [cursor, setCursor] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = useMemo(
    // Who stayed and who came back can be told from the second period on.
    () => (query.data?.periods ?? []).filter(({ period }) => period > firstDate),
    [query.data, firstDate],
  );
  const spec = useMemo(
    () => ({
      dates: rows.map(({ period }) => period),
      series: kinds.map(({ kind, name, colour }) => ({
        name,
        colour,
        kind: kind === "dormant" ? ("below" as const) : ("stack" as const),
        values: rows.map((row) => row[kind].count),
      })),
      axis: (value: number) => compact(Math.abs(value)),
    }),
    [rows],
  );
  const when = (row: LifecycleRow, index: number) =>
    `${unit === "week" ? "Week of " : ""}${day(row.period, unit === "week" ? "short" : "long")}${index === rows.length - 1 ? ", so far" : ""}`;
  const at = Math.min(cursor ?? rows.length - 1, rows.length - 1);
  const read = rows[at];

  return (
    <Panel
      title="Life cycle"
      queries={[query]}
      blank={rows.length > 0 ? null : `Who stays and who leaves can be told from the second ${unit} on.`}
      about={`Of each ${unit}: new, back after a pause, stayed from the ${unit} before, and, below the line, left since then.`}
      controls={
        <Segmented
          label="Interval of life cycle and retention"
          name="interval"
          choices={intervalChoices}
          value={unit}
          onChange={(chosen) => setView({ interval: chosen })}
        />
      }
      table={{
        caption: `Life cycle by ${unit}`,
        columns: [unit === "week" ? "Week of" : "Day", ...kinds.map(({ name }) => name), "Note"],
        rows: rows.map((row) => [
          row.period,
          ...kinds.map(({ kind }) => row[kind].count),
          kinds
            .flatMap(({ kind, name }) =>
              row[kind].reason === undefined ? [] : `${name}: ${row[kind].reason}`,
            )
            .join("; "),
        ]),
      }}
      picture={async () =>
        pictureOf(
          canvas.current as HTMLCanvasElement,
          `Life cycle by ${unit}`,
          kinds.map(({ name, colour }) => [name, colour]),
        )
      }
    >
      <Readout
        when={read === undefined ? "" : when(read, at)}
        items={kinds.map(({ kind, name, colour }) => ({ name, colour, value: number(read?.[kind].count) }))}
      />
      <Chart
        label={`Life cycle by ${unit}`}
        spec={spec}
        canvas={canvas}
        onCursor={setCursor}
        describe={(index) => {
          const row = rows[index];
          if (row === undefined) return "";
          const said = kinds.map(({ kind, name }) => `${name.toLowerCase()} ${inWords(row[kind])}`);
          return `${when(row, index)}: ${said.join(", ")}`;
        }}
      />
    </Panel>
  );
}

function lifecyclePath(view: {
  interval: "day" | "week";
  only: { dimension: string; value: string } | null;
}): string {
  const query = new URLSearchParams({ interval: view.interval, periods: String(periodsOf[view.interval]) });
  if (view.only !== null) query.set(view.only.dimension, view.only.value);
  return `/v1/lifecycle?${query}`;
}

function inWords(figure: Count): string {
  if (figure.count === null) return `not told: ${figure.reason ?? "not known"}`;
  return `${number(figure.count)} (${interval(figure)})`;
}
