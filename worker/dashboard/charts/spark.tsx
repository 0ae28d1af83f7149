/** A line without axes, as wide as its box. What it shows stands in figures beside it. */
export function Spark({ values }: { values: (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const spread = high - low || 1;
  const points = values.flatMap((value, index) =>
    value === null
      ? []
      : [`${(index / Math.max(1, values.length - 1)) * 100},${(1 - (value - low) / spread) * 28 + 2}`],
  );
  const [first = "", last = ""] = [points[0]?.split(",")[0], points.at(-1)?.split(",")[0]];
  return (
    <svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">
      {points.length > 1 && (
        <>
          <polygon points={`${first},32 ${points.join(" ")} ${last},32`} />
          <polyline points={points.join(" ")} />
        </>
      )}
    </svg>
  );
}
