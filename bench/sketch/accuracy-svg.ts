import type { Accuracy } from "./accuracy.ts";

const width = 860;
const height = 400;
const plot = { left: 60, right: width - 20, top: 44, bottom: height - 48 };

/** The decades shown, 10^0 to 10^9, and the highest error, in percent. */
const decades = 9;
const highest = 2.75;

/** The chart of the errors over the number of users, light and dark. */
export function accuracySvg(curve: readonly Accuracy[]): string {
  const grid = [0.5, 1, 1.5, 2, 2.5].map(
    (percent) =>
      `<path class="grid" d="M${plot.left} ${y(percent)}H${plot.right}"/>` +
      `<text x="${plot.left - 8}" y="${y(percent) + 4}" text-anchor="end">${percent} %</text>`,
  );
  const names = ["1", "10", "100", "1,000", "10,000", "100,000", "1 M", "10 M", "100 M", "1,000 M"];
  const ticks = names.map((name, decade) => {
    const anchor = decade === decades ? "end" : "middle";
    return `<text x="${x(10 ** decade)}" y="${plot.bottom + 20}" text-anchor="${anchor}">${name}</text>`;
  });
  const dense = curve.filter(({ users }) => users >= 3000);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">Root mean square error over the number of users: this sketch, hyperloglog-lite, and theory</title>
<style>
  svg { background: #fff; font: 13px system-ui, sans-serif; }
  text { fill: #444; }
  path { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .grid { stroke: #ddd; stroke-width: 1; }
  .ours { stroke: #0b63ce; } .lite { stroke: #d1480f; } .theory { stroke: #777; stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    svg { background: #16181d; } text { fill: #c8ccd4; } .grid { stroke: #333842; }
    .ours { stroke: #6cb0ff; } .lite { stroke: #ff9a66; } .theory { stroke: #999; }
  }
</style>
${grid.join("\n")}
${ticks.join("\n")}
<path class="grid" d="M${plot.left} ${plot.bottom}H${plot.right}"/>
<text x="${(plot.left + plot.right) / 2}" y="${height - 8}" text-anchor="middle">users</text>
<path class="theory" d="${line(dense, ({ theory }) => theory)}"/>
<path class="lite" d="${line(curve, ({ liteRootMeanSquare }) => liteRootMeanSquare)}"/>
<path class="ours" d="${line(curve, ({ rootMeanSquare }) => rootMeanSquare)}"/>
${legend("ours", 0, "this sketch")}
${legend("lite", 150, "hyperloglog-lite, p = 14")}
${legend("theory", 370, "the least that 16,384 registers allow")}
</svg>
`;
}

function line(curve: readonly Accuracy[], of: (at: Accuracy) => number): string {
  return `M${curve.map((at) => `${x(at.users)} ${y(100 * of(at))}`).join("L")}`;
}

function legend(name: string, from: number, label: string): string {
  const at = plot.left + from;
  return `<path class="${name}" d="M${at} 22h28"/><text x="${at + 36}" y="26">${label}</text>`;
}

function x(users: number): number {
  return round(plot.left + (Math.log10(users) / decades) * (plot.right - plot.left));
}

function y(percent: number): number {
  return round(plot.bottom - (percent / highest) * (plot.bottom - plot.top));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
