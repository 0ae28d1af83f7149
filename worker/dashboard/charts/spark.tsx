import { sparkHeight, sparkPoints } from "./spark-points.ts";

/** A line without axes, as wide as its box. What it shows stands in figures beside it. */
export function Spark({ values, places }: { values: readonly (number | null)[]; places: number }) {
  const points = sparkPoints(values, places);
  const [first, last] = [points[0]?.[0], points.at(-1)?.[0]];
  return (
    <svg class="spark" viewBox={`0 0 100 ${sparkHeight}`} preserveAspectRatio="none" aria-hidden="true">
      {points.length > 0 && (
        <>
          <polygon points={`${first},${sparkHeight} ${points.join(" ")} ${last},${sparkHeight}`} />
          <polyline points={points.join(" ")} />
        </>
      )}
    </svg>
  );
}
