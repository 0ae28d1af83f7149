import uPlot from "uplot";
import { day } from "../format.ts";
import { colour } from "../theme.ts";
import { barRange, lineRange, peopleSteps, percentSteps, tickLabel } from "./scale.ts";
import type { ChartSeries, ChartSpec } from "./spec.ts";
import { dateTicks, numberTicks } from "./ticks.ts";

const lineWidth = 1.75;
const axisHeight = 30;
const axisWidth = 46;

/** What must stay the same for a painted chart to be given new data. */
export function shapeOf({ series, isPercent }: ChartSpec): string {
  return JSON.stringify([
    isPercent,
    series.map(({ name, colour: hue, kind, low }) => [name, hue, kind, low !== undefined]),
  ]);
}

/** The rows of a chart: the places, then for each series what it is painted from. */
export function rowsOf(spec: ChartSpec): uPlot.AlignedData {
  const rows: (number | null)[][] = [];
  for (const [index, series] of spec.series.entries()) rows.push(...seriesRows(spec, series, index));
  return [spec.dates.map((_, index) => index), ...rows];
}

/** Options of a chart. `spec` gives the newest, so that new data needs no new chart. */
export function optionsOf(
  spec: () => ChartSpec,
  size: { width: number; height: number },
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const [line, text, card] = [colour("--line-soft"), colour("--muted"), colour("--card")];
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const { isPercent } = spec();
  const isBars = spec().series.some(({ kind }) => kind !== "line");
  const series: uPlot.Series[] = [{}];
  const strokes: string[] = [];
  const bands: uPlot.Band[] = [];
  let isOnTop = true;
  for (const one of spec().series) {
    const stroke = colour(one.colour);
    if (one.kind !== "line") {
      series.push({
        fill: stroke,
        width: 0,
        paths: barPaths(spec, isOnTop || one.kind === "below", stroke, hatching(stroke, card)),
        points: { show: false },
      });
      isOnTop = false;
      continue;
    }
    const points = { show: false, filter: lonePoints, size: 7, width: 0, fill: stroke };
    const closed = { stroke, width: lineWidth, points, spanGaps: false };
    strokes[series.length] = strokes[series.length + 1] = stroke;
    series.push(closed, { ...closed, dash: [3, 4] });
    if (one.low === undefined) continue;
    const bound = { width: 0, points: { show: false } };
    series.push(bound, bound);
    bands.push({ series: [series.length - 1, series.length - 2], fill: withAlpha(stroke, 0.16) });
  }
  return {
    ...size,
    series,
    bands,
    legend: { show: false },
    // On the right stands half of the last day's label.
    padding: [8, 24, 0, 0],
    scales: {
      x: { time: false, range: () => placeRange(spec().dates.length, isBars ? 0.6 : 0) },
      y: { range: (_, low, high) => (isBars ? barRange(low, high) : lineRange(low, high, isPercent)) },
    },
    axes: [
      {
        size: axisHeight,
        stroke: text,
        font,
        gap: 8,
        grid: { show: false },
        ticks: { show: false },
        splits: (plot) => {
          const { dates, labels } = spec();
          const width = plot.bbox.width / devicePixelRatio;
          return labels === undefined ? dateTicks(dates, width) : numberTicks(labels.length, width);
        },
        values: (_, places) => {
          const { dates, labels } = spec();
          return places.map((place) => labels?.[place] ?? day(dates[place] ?? ""));
        },
      },
      {
        size: axisWidth,
        stroke: text,
        font,
        gap: 8,
        space: 52,
        incrs: isPercent ? percentSteps : peopleSteps,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        values: (_, values, _axis, _space, step) => values.map((value) => tickLabel(value, step, isPercent)),
      },
    ],
    cursor: {
      y: false,
      // Values stand at days: the line does too.
      move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), "x"), top],
      drag: { x: false, y: false, setScale: false },
      points: {
        show: (plot, index) => pointAt(plot, index, strokes[index] ?? card, card),
        size: 8,
      },
    },
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      drawAxes: [(plot) => paintMarks(plot, spec().marked ?? [], text)],
    },
  };
}

/** Paints a dotted line with a flag at its top where something happened. */
function paintMarks(plot: uPlot, marked: readonly number[], hue: string): void {
  const { ctx, bbox } = plot;
  const unit = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = hue;
  ctx.lineWidth = unit;
  ctx.setLineDash([2 * unit, 3 * unit]);
  for (const place of marked) {
    const x = Math.round(plot.valToPos(place, "x", true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x + 7 * unit, bbox.top + 3.5 * unit);
    ctx.lineTo(x, bbox.top + 7 * unit);
    ctx.fill();
  }
  ctx.restore();
}

/** All places, with room for half a bar around them; one alone stands in the middle. */
function placeRange(places: number, room: number): uPlot.Range.MinMax {
  return places === 1 ? [-1, 1] : [-room, Math.max(1, places - 1) + room];
}

function seriesRows(
  { dates, series: all, openFrom }: ChartSpec,
  series: ChartSeries,
  index: number,
): (number | null)[][] {
  const { kind, values, low, high } = series;
  if (kind === "below") return [values.map((value) => (value === null ? null : -value))];
  if (kind === "stack") {
    // Painted from the top down, so each bar reaches over all that stand on it no more.
    const under = all.slice(index).filter((one) => one.kind === "stack");
    return [
      dates.map((_, place) => {
        const parts = under.map((one) => one.values[place] ?? null);
        return parts.every((part) => part === null)
          ? null
          : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
      }),
    ];
  }
  const closed = values.map((value, place) => (place < openFrom ? value : null));
  const open = values.map((value, place) =>
    place >= openFrom - 1 && openFrom < dates.length ? value : null,
  );
  return low === undefined || high === undefined ? [closed, open] : [closed, open, low, high];
}

/** The places of values without a neighbour, which no line passes through. */
function lonePoints(plot: uPlot, index: number): number[] {
  const values = plot.data[index] ?? [];
  return [...values.keys()].filter(
    (place) => values[place] != null && values[place - 1] == null && values[place + 1] == null,
  );
}

function barPaths(
  spec: () => ChartSpec,
  isRound: boolean,
  fill: string,
  openFill: CanvasPattern | string,
): uPlot.Series.PathBuilder {
  const { bars } = uPlot.paths;
  if (bars === undefined) throw new Error("this build of uPlot paints no bars");
  const fills = () => {
    const { dates, openFrom } = spec();
    // uPlot hands them on to the canvas, which takes patterns too, though its types say otherwise.
    return dates.map((_, place) => (place < openFrom ? fill : (openFill as string)));
  };
  const disp = { fill: { unit: 3, values: fills } };
  return bars({ size: [0.72, 28, 1], radius: [isRound ? 0.14 : 0, 0], disp });
}

/** Stripes of a colour for what isn't over yet; opaque, as bars lie on top of each other. */
function hatching(stripe: string, ground: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  const side = (tile.width = tile.height = Math.round(7 * devicePixelRatio));
  const context = tile.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = ground;
  context.fillRect(0, 0, side, side);
  context.strokeStyle = stripe;
  context.lineWidth = side * 0.42;
  // The corners' stripes complete those of the tiles beside.
  for (const shift of [-side, 0, side]) {
    context.moveTo(shift - side, side * 2);
    context.lineTo(shift + side * 2, -side);
  }
  context.stroke();
  return context.createPattern(tile, "repeat") ?? stripe;
}

/** The point under the cursor: of lines alone, and not of their bounds. */
function pointAt(plot: uPlot, index: number, fill: string, ring: string): HTMLElement {
  const point = document.createElement("div");
  const { width } = plot.series[index] ?? {};
  point.className = "cursor-point";
  if (width === 0 || width === undefined) point.hidden = true;
  point.style.background = fill;
  point.style.borderColor = ring;
  return point;
}

/** A colour, written `#rrggbb`, that lets through what is under it. */
function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}
