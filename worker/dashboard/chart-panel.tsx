import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Annotation } from "../../sdk/answers.ts";
import { annotationsByPlace } from "./charts/annotation.ts";
import { Chart } from "./charts/chart.tsx";
import type { ChartSeries, ChartSpec } from "./charts/spec.ts";
import { pictureOf } from "./download.ts";
import { daysBetween, interval, number, percent } from "./format.ts";
import { Panel, type PanelFrame } from "./panel.tsx";
import { Readout } from "./readout.tsx";
import type { TableModel } from "./table-model.ts";
import { useAnnotations } from "./use-annotations.ts";

/** A value, people or per cent, with the bounds of its interval where it has one; null with the reason. */
export interface Figure {
  value: number | null;
  low?: number | null | undefined;
  high?: number | null | undefined;
  reason?: string | undefined;
}

export interface FigureSeries extends Pick<ChartSeries, "name" | "colour" | "kind"> {
  /** As many as there are places. */
  figures: readonly Figure[];
  /** What the legend says beside a value; a series alone tells its interval, or why it has no value. */
  note?: (index: number) => string;
}

/** A day or week on the x axis, or where that isn't time a number of days. */
export interface Place {
  /** `YYYY-MM-DD`, of a week its first. */
  date: string;
  /** What stands on the axis where it isn't the date. */
  label?: string;
  words: string;
  /** Whether it is still running, so that its figures aren't final. */
  isOpen: boolean;
}

interface ChartPanelProps extends PanelFrame {
  /** What is shown, in a few words: the name of the chart, its table and its picture. */
  subject: string;
  /** What a place is, as the head of its column. */
  placeName?: string;
  places: readonly Place[];
  series: readonly FigureSeries[];
  isPercent?: boolean;
  /** Whether places are days or weeks. Default `true`. */
  isByTime?: boolean;
  /** The table behind the chart, where it isn't the chart's own figures. */
  table?: TableModel;
  /** What is to be noted about the chart's figures; null keeps its room. */
  remark?: string | null;
  /** Stands beside the chart. */
  beside?: ComponentChildren;
}

const none: readonly Annotation[] = [];

/** A panel with a chart: the cursor and the legend in which it is read, the table behind, and the picture. */
export function ChartPanel(props: ChartPanelProps) {
  const {
    subject,
    placeName = "Day",
    places,
    series,
    isPercent = false,
    isByTime = true,
    table = { ...tableOf(subject, placeName, places, series, isPercent), isByTime },
    remark,
    beside,
    ...frame
  } = props;
  // Said where the cursor is.
  const annotations = useAnnotations().data?.annotations ?? none;
  const [cursor, setCursor] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useMemo(
    () => marksOf(places, isByTime ? annotations : none),
    [places, isByTime, annotations],
  );
  const spec = useMemo(
    () => ({ ...specOf(places, series, isPercent), marked: [...marks.keys()] }),
    [places, series, isPercent, marks],
  );
  const write = (figure?: Figure) => (isPercent ? percent : number)(figure?.value);
  // Without a cursor the last day that is over is read.
  const first = isByTime ? Math.max(0, spec.openFrom - 1) : 0;
  const at = Math.min(cursor ?? first, places.length - 1);
  const isAlone = series.length === 1;
  const nameOf = (index: number) =>
    [places[index]?.words ?? "", marks.get(index)].filter(Boolean).join(" · ");
  const inWords = (figure?: Figure) => {
    if (figure?.value == null) return `no figure: ${figure?.reason ?? "not known"}`;
    const bounds = boundsOf(figure, isPercent);
    return bounds === "" ? write(figure) : `${write(figure)} (${bounds})`;
  };

  const chart = (
    <>
      <Readout
        when={nameOf(at)}
        items={series.map(({ name, colour, figures, note }) => ({
          name,
          colour,
          value: write(figures[at]),
          note: note?.(at) ?? (isAlone ? (figures[at]?.reason ?? boundsOf(figures[at], isPercent)) : ""),
        }))}
      />
      {remark !== undefined && <p class="remark">{remark}</p>}
      <Chart
        label={subject}
        spec={spec}
        canvas={canvas}
        onCursor={setCursor}
        describe={(index) => {
          const said = series.map(({ name, figures }) =>
            isAlone ? inWords(figures[index]) : `${name} ${inWords(figures[index])}`,
          );
          return `${nameOf(index)}: ${said.join(", ")}`;
        }}
      />
    </>
  );
  return (
    <Panel
      {...frame}
      table={table}
      picture={async () =>
        pictureOf(
          canvas.current as HTMLCanvasElement,
          subject,
          series.map(({ name, colour }) => [name, colour]),
        )
      }
    >
      {beside === undefined ? (
        chart
      ) : (
        <div class="split">
          {beside}
          <div class="split-chart">{chart}</div>
        </div>
      )}
    </Panel>
  );
}

/** What happened at which place; places lie as far apart as the first two, or are a day. */
function marksOf(places: readonly Place[], annotations: readonly Annotation[]): ReadonlyMap<number, string> {
  const [first, second] = places;
  const days = first && second ? daysBetween(first.date, second.date) : 1;
  return annotationsByPlace(
    places.map(({ date }) => date),
    days,
    annotations,
  );
}

function specOf(places: readonly Place[], series: readonly FigureSeries[], isPercent: boolean): ChartSpec {
  const open = places.findIndex(({ isOpen }) => isOpen);
  return {
    dates: places.map(({ date }) => date),
    ...(places[0]?.label !== undefined && { labels: places.map(({ label = "" }) => label) }),
    series: series.map(({ name, colour, kind, figures }) => ({
      name,
      colour,
      kind,
      values: figures.map(({ value }) => value),
      ...(kind === "line" &&
        figures.some(({ low }) => low != null) && {
          low: figures.map(({ low }) => low ?? null),
          high: figures.map(({ high }) => high ?? null),
        }),
    })),
    openFrom: open === -1 ? places.length : open,
    isPercent,
  };
}

/** The figures of a chart as a table, with the interval where one series stands alone. */
function tableOf(
  caption: string,
  placeName: string,
  places: readonly Place[],
  series: readonly FigureSeries[],
  isPercent: boolean,
): TableModel {
  const [alone] = series.length === 1 ? series : [];
  const hasBounds = alone?.figures.some(({ low }) => low != null) ?? false;
  const names = series.map(({ name }) => (isPercent ? `${name}, %` : name));
  return {
    caption: isPercent ? `${caption}, in per cent` : caption,
    columns: [placeName, ...names, ...(hasBounds ? ["Low", "High"] : []), "Note"],
    rows: places.map(({ date, isOpen }, index) => {
      const figures = series.map((one) => one.figures[index]);
      const reasons = figures.flatMap((figure, nth) =>
        figure?.reason === undefined
          ? []
          : [alone ? figure.reason : `${series[nth]?.name}: ${figure.reason}`],
      );
      return [
        date,
        ...figures.map((figure) => figure?.value ?? null),
        ...(hasBounds ? [figures[0]?.low ?? null, figures[0]?.high ?? null] : []),
        [...(isOpen ? ["so far"] : []), ...reasons].join("; "),
      ];
    }),
  };
}

function boundsOf(figure: Figure | undefined, isPercent: boolean): string {
  const { value, low, high } = figure ?? {};
  if (!isPercent || low == null || high == null) return interval({ count: value, low, high });
  return low === high ? "exact" : `95 % interval: ${percent(low)} – ${percent(high)}`;
}
