/** One series of a chart. A value that is null leaves a gap. */
export interface ChartSeries {
  name: string;
  /** The name of a colour in the style sheet, such as `--accent`. */
  colour: string;
  values: (number | null)[];
  /** `stack` bars stand on those of the `stack` series after them; `below` bars hang from zero. */
  kind: "line" | "stack" | "below";
  /** Bounds of the interval, painted as a band around a line. */
  low?: (number | null)[] | undefined;
  high?: (number | null)[] | undefined;
}

/** What a chart shows: a date for each place on the x axis, and series of as many values. */
export interface ChartSpec {
  dates: string[];
  /** What stands below each place on the x axis where it isn't its date. */
  labels?: string[] | undefined;
  series: ChartSeries[];
  /** Index from which on figures aren't final: lines are dashed there, bars hatched. */
  openFrom: number;
  /** Places that are marked because something happened there. */
  marked?: readonly number[] | undefined;
  /** Whether values are per cent; else they are people, which are whole. */
  isPercent: boolean;
}
