import uPlot from "uplot";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useTheme } from "../theme.ts";
import { optionsOf, rowsOf, shapeOf } from "./paint.ts";
import type { ChartSpec } from "./spec.ts";

interface ChartProps {
  /** What the chart is of, for those who can't see it. */
  label: string;
  spec: ChartSpec;
  /** The values at a place, in words. */
  describe: (index: number) => string;
  /** Told of the place that the cursor is at, or null when it has left. */
  onCursor: (index: number | null) => void;
  /** Is given the painted canvas, for a download. */
  canvas: { current: HTMLCanvasElement | null };
}

/**
 * A chart that fills its box. Its cursor reads the values of a place: by mouse, by touch, and as a slider by the arrow
 * keys, Home, End and Page Up and Down.
 */
export function Chart({ label, spec, describe, onCursor, canvas }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef({ spec, onCursor });
  newest.current = { spec, onCursor };
  const theme = useTheme();
  const shape = shapeOf(spec);
  const [place, setPlace] = useState<number | null>(null);

  useLayoutEffect(() => {
    const element = box.current as HTMLDivElement;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const moved = (index: number | null) => {
      setPlace(index);
      newest.current.onCursor(index);
    };
    const options = optionsOf(() => newest.current.spec, size(), moved);
    const painted = new uPlot(options, rowsOf(newest.current.spec), element);
    plot.current = painted;
    canvas.current = painted.ctx.canvas;
    const resized = new ResizeObserver(() => painted.setSize(size()));
    resized.observe(element);
    const touched = (event: PointerEvent) => {
      if (event.pointerType === "mouse") return;
      const { left } = painted.over.getBoundingClientRect();
      painted.setCursor({ left: event.clientX - left, top: 1 });
    };
    painted.over.addEventListener("pointerdown", touched);
    painted.over.addEventListener("pointermove", touched);
    return () => {
      resized.disconnect();
      painted.destroy();
      plot.current = canvas.current = null;
    };
  }, [shape, theme, canvas]);

  useEffect(() => {
    plot.current?.setData(rowsOf(spec));
  }, [spec]);

  const last = spec.dates.length - 1;
  const at = Math.min(place ?? last, last);

  function onKeyDown(event: KeyboardEvent): void {
    const to = placeByKey(event.key, at, last);
    const painted = plot.current;
    if (to === null || painted === null) return;
    event.preventDefault();
    const isLeaving = event.key === "Escape";
    painted.setCursor({ left: isLeaving ? -10 : painted.valToPos(to, "x"), top: isLeaving ? -10 : 1 });
  }

  return (
    <div
      ref={box}
      class="chart"
      role="slider"
      tabIndex={0}
      aria-label={`${label}: read values with the arrow keys`}
      aria-valuemin={0}
      aria-valuemax={Math.max(last, 0)}
      aria-valuenow={Math.max(at, 0)}
      aria-valuetext={at < 0 ? "no values" : describe(at)}
      onKeyDown={onKeyDown}
    />
  );
}

function placeByKey(key: string, at: number, last: number): number | null {
  const to = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - 7,
    PageUp: at + 7,
    Home: 0,
    End: last,
    Escape: at,
  }[key];
  return to === undefined ? null : Math.min(Math.max(to, 0), last);
}
