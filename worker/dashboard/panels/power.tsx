import { useContext } from "preact/hooks";
import type { PowerAnswer } from "../../../sdk/answers.ts";
import { ChartPanel } from "../chart-panel.tsx";
import { interval, number } from "../format.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";

/** Three of four days. */
const powerUserDays = 21;

/** On how many of the last 28 whole days each person was active. */
export function PowerPanel() {
  const { view } = useContext(SessionContext);
  const query = useQuery<PowerAnswer>(pathOf("/v1/power", {}, view.only), 600_000);
  const { people, curve = [], days = 0 } = query.data ?? {};
  const often = curve[powerUserDays - 1];
  return (
    <ChartPanel
      title="Power users"
      class="tall"
      queries={[query]}
      blank={
        people?.count
          ? null
          : people?.reason === undefined
            ? `Nobody was active in the last ${days} full days.`
            : "Power users can be shown after the first full day."
      }
      about={`Of the people active in the last ${days} full days, the percentage who were active on 1 day, on 2 days, and so on.`}
      remark={
        often === undefined
          ? null
          : `On ${powerUserDays} days or more: ${number(often.orMore.count)} of ${number(people?.count)} people (${interval(often.orMore)}).`
      }
      subject="Power user curve"
      placeName="Days"
      isByTime={false}
      places={curve.map(({ days: on }) => ({
        date: String(on),
        label: String(on),
        words: `On ${on} ${on === 1 ? "day" : "days"}`,
        isOpen: false,
      }))}
      isPercent
      series={[
        {
          name: "Share of people",
          colour: "--accent-mid",
          kind: "line",
          figures: curve.map(({ share }) => share),
        },
      ]}
    />
  );
}
