import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { PointRow } from "../../../sdk/answers.ts";
import { Chart } from "../charts/chart.tsx";
import { pictureOf } from "../download.ts";
import { compact, number, percent } from "../format.ts";
import { Panel } from "../panel.tsx";
import { Readout } from "../readout.tsx";
import { SessionContext } from "../session-context.ts";
import { dayInWords, restingPlace, sinceKnown } from "./series.ts";
import { usePoints } from "./use-points.ts";

const fresh = ["New", "--green"] as const;
const known = ["Been here before", "--accent-mid"] as const;

/** Of each day's people, who came for the first time. */
export function NewcomersPanel() {
  const { facts, view, zone } = useContext(SessionContext);
  const isNarrowed = view.only !== null;
  const active = usePoints(isNarrowed ? null : "dau");
  const news = usePoints(isNarrowed ? null : "new");
  const [cursor, setCursor] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const days = useMemo(() => {
    const newOf = new Map(news.data?.points.map((point) => [point.date, point]));
    return sinceKnown(active.data?.points ?? []).map((point) => ({
      point,
      fresh: newOf.get(point.date)?.count ?? null,
      before: rest(point.count, newOf.get(point.date)?.count),
    }));
  }, [active.data, news.data]);
  const spec = useMemo(
    () => ({
      dates: days.map(({ point }) => point.date),
      series: [
        { name: known[0], colour: known[1], kind: "stack" as const, values: days.map((one) => one.before) },
        { name: fresh[0], colour: fresh[1], kind: "stack" as const, values: days.map((one) => one.fresh) },
      ].toReversed(),
      axis: compact,
    }),
    [days],
  );
  const when = (point: PointRow) => dayInWords(point, facts?.timeZone ?? zone, zone);
  const read = days[cursor ?? restingPlace(days.map(({ point }) => point))];

  return (
    <Panel
      title="New and returning"
      queries={isNarrowed ? [] : [active, news]}
      blank={
        isNarrowed
          ? "First appearances are followed for everyone alone. Show everyone to see them."
          : days.some((one) => one.fresh !== null)
            ? null
            : "Nobody's first day is known yet. Send `since` with a beat, or use the SDK, which does."
      }
      about="Each day's people by whether it was their first day. Who came without a first day counts as been here before."
      table={{
        caption: "New and returning people by day",
        columns: ["Day", fresh[0], known[0], "Note"],
        rows: days.map(({ point, fresh: count, before }) => [
          point.date,
          count,
          before,
          point.reason ?? (point.closed ? "" : "so far"),
        ]),
      }}
      picture={async () =>
        pictureOf(canvas.current as HTMLCanvasElement, "New and returning people", [[...fresh], [...known]])
      }
    >
      <Readout
        when={read === undefined ? "" : when(read.point)}
        items={[
          {
            name: fresh[0],
            colour: fresh[1],
            value: number(read?.fresh),
            note:
              read?.fresh != null && read.point.count
                ? percent((read.fresh / read.point.count) * 100, 0)
                : "",
          },
          { name: known[0], colour: known[1], value: number(read?.before) },
        ]}
      />
      <Chart
        label="New and returning people by day"
        spec={spec}
        canvas={canvas}
        onCursor={setCursor}
        describe={(index) => {
          const one = days[index];
          return one === undefined
            ? ""
            : `${when(one.point)}: ${number(one.fresh)} new, ${number(one.before)} been here before`;
        }}
      />
    </Panel>
  );
}

/** Who is new on a day was active on it, so the rest is a plain difference. */
function rest(all: number | null | undefined, part: number | null | undefined): number | null {
  return all == null || part == null ? null : Math.max(0, all - part);
}
