/** One series of a chart, as the panels describe it. A value that is null leaves a gap. */
export interface ChartSeries {
  name: string;
  /** The name of a colour in the style sheet, such as `--accent`. */
  colour: string;
  values: (number | null)[];
  /** `stack` bars stand on those of the `stack` series before; `below` bars hang from zero. */
  kind: "line" | "stack" | "below";
  /** Bounds of the interval, painted as a band around a line. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** Index from which on a line is dashed, because the figures aren't final. */
  openFrom?: number;
}

/** What a chart shows: a date a place on the x axis, and series of as many values. */
export interface ChartSpec {
  dates: string[];
  series: ChartSeries[];
  /** How values are written on the y axis. */
  axis: (value: number) => string;
}
