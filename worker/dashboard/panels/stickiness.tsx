import { useContext } from "preact/hooks";
import { ChartPanel } from "../chart-panel.tsx";
import { day, dayAfter } from "../format.ts";
import { SessionContext } from "../session-context.ts";
import { daysOf } from "./series.ts";
import { usePoints } from "./use-points.ts";

const monthDays = 30;

/** Which part of a month's people comes on a day. */
export function StickinessPanel() {
  const { appZone, firstDate, zone } = useContext(SessionContext);
  const query = usePoints("stickiness");
  const fullDate = dayAfter(firstDate, monthDays - 1);
  // A day that isn't over, and a month that isn't full, would each bend the line.
  const points = (query.data?.points ?? []).filter(({ date, closed }) => closed && date >= fullDate);
  return (
    <ChartPanel
      title="Stickiness"
      queries={[query]}
      blank={
        points.some(({ percent }) => percent != null)
          ? null
          : (points.at(-1)?.reason ??
            `Stickiness needs 30 full days. The first figure appears after ${day(fullDate, "long")}.`)
      }
      about="Daily divided by monthly active people: of the people active within 30 days, the percentage active on one day."
      subject="Stickiness"
      places={daysOf(points, appZone, zone)}
      isPercent
      series={[
        {
          name: "DAU / MAU",
          colour: "--violet",
          kind: "line",
          figures: points.map(({ percent, percentInterval, reason }) => ({
            value: percent ?? null,
            low: percentInterval?.low,
            high: percentInterval?.high,
            reason,
          })),
        },
      ]}
    />
  );
}
