import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { PointRow } from "../../../sdk/answers.ts";
import { Chart } from "../charts/chart.tsx";
import { pictureOf } from "../download.ts";
import { day, dayAfter, percent } from "../format.ts";
import { Panel } from "../panel.tsx";
import { Readout } from "../readout.tsx";
import { SessionContext } from "../session-context.ts";
import { dayInWords, restingPlace } from "./series.ts";
import { usePoints } from "./use-points.ts";

const monthDays = 30;

/** Which part of a month's people comes on a day. */
export function StickinessPanel() {
  const { facts, firstDate, zone } = useContext(SessionContext);
  const query = usePoints("stickiness");
  const [cursor, setCursor] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const fullDate = dayAfter(firstDate, monthDays - 1);
  // A day that isn't over, and a month that isn't full, would each bend the line.
  const points = useMemo(
    () => (query.data?.points ?? []).filter(({ date, closed }) => closed && date >= fullDate),
    [query.data, fullDate],
  );
  const spec = useMemo(
    () => ({
      dates: points.map(({ date }) => date),
      series: [
        {
          name: "Stickiness",
          colour: "--violet",
          kind: "line" as const,
          values: points.map((point) => point.percent ?? null),
        },
      ],
      axis: (value: number) => `${value} %`,
    }),
    [points],
  );
  const when = (point: PointRow) => dayInWords(point, facts?.timeZone ?? zone, zone);
  const read = points[cursor ?? restingPlace(points)];

  return (
    <Panel
      title="Stickiness"
      queries={[query]}
      blank={
        points.some((point) => point.percent != null)
          ? null
          : (points.at(-1)?.reason ?? `A month must be full first: shown from ${day(fullDate, "long")} on.`)
      }
      about="Daily over monthly active people: of those who came within a month, how many come on one day."
      table={{
        caption: "Stickiness by day, in per cent",
        columns: ["Day", "Stickiness, %", "Note"],
        rows: points.map((point) => [point.date, point.percent ?? null, point.reason ?? ""]),
      }}
      picture={async () =>
        pictureOf(canvas.current as HTMLCanvasElement, "Stickiness", [["DAU / MAU, %", "--violet"]])
      }
    >
      <Readout
        when={read === undefined ? "" : when(read)}
        items={[
          {
            name: "DAU / MAU",
            colour: "--violet",
            value: percent(read?.percent),
            ...(read?.reason !== undefined && { note: read.reason }),
          },
        ]}
      />
      <Chart
        label="Stickiness in per cent"
        spec={spec}
        canvas={canvas}
        onCursor={setCursor}
        describe={(index) => `${when(points[index] as PointRow)}: ${percent(points[index]?.percent)}`}
      />
    </Panel>
  );
}
