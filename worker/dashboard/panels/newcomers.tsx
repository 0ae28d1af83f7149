import { useContext } from "preact/hooks";
import { ChartPanel } from "../chart-panel.tsx";
import { percent } from "../format.ts";
import { SessionContext } from "../session-context.ts";
import { daysOf, figureOf, sinceKnown } from "./series.ts";
import { usePoints } from "./use-points.ts";
import { whyUntold } from "./why-untold.ts";

/** Of each day's people, who came for the first time. */
export function NewcomersPanel() {
  const { appZone, zone } = useContext(SessionContext);
  const active = usePoints("dau");
  const news = usePoints("new");
  const newOf = new Map(news.data?.points.map((point) => [point.date, point]));
  const points = sinceKnown(active.data?.points);
  const fresh = points.map(({ date }) => figureOf(newOf.get(date) ?? {}));
  const periods = points.map(({ date }, index) => ({
    figure: fresh[index]!,
    followed: newOf.get(date)?.followed,
  }));
  return (
    <ChartPanel
      title="New and returning"
      queries={[active, news]}
      blank={whyUntold(periods)}
      about="Each day's active people: new on that day, or returning. People whose first day isn't known count as returning. Hatched bars: the day isn't over."
      subject="New and returning people"
      places={daysOf(points, appZone, zone)}
      series={[
        {
          name: "New",
          colour: "--green",
          kind: "stack",
          figures: fresh,
          note: (index) => {
            const [part, whole] = [fresh[index]?.value, points[index]?.count];
            return part != null && whole ? percent((part / whole) * 100, 0) : "";
          },
        },
        {
          name: "Returning",
          colour: "--accent-mid",
          kind: "stack",
          figures: points.map(({ count }, index) => ({ value: rest(count, fresh[index]?.value) })),
        },
      ]}
    />
  );
}

/** Who is new on a day was active on it, so the rest is a plain difference. */
function rest(all: number | null | undefined, part: number | null | undefined): number | null {
  return all == null || part == null ? null : Math.max(0, all - part);
}
