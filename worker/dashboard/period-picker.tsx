import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { Segmented } from "./controls.tsx";
import { dayAfter } from "./format.ts";
import { type Comparison, comparedFrom, datesOf, maxRangeDays, type Range, todayIn } from "./period.ts";
import { SessionContext } from "./session-context.ts";

const ranges = [
  [30, "30 days"],
  [90, "90 days"],
  [365, "1 year"],
  ["week", "Week to date"],
  ["month", "Month to date"],
  ["custom", "Custom"],
] as const;

const comparisons = [
  ["none", "No comparison"],
  ["previous", "Previous period"],
  ["weekdays", "Same weekdays before"],
  ["year", "A year ago"],
  ["custom", "From a day of your choice"],
] as const;

/** Which days the trends show, and with which others the first of them is compared. */
export function PeriodPicker() {
  const { view, setView, appZone } = useContext(SessionContext);
  const { range, compare } = view;
  const today = todayIn(appZone);
  const dates = datesOf(range, today);

  return (
    <div class="period">
      <Segmented<Exclude<Range, object> | "custom">
        label="Range of the trends"
        name="range"
        choices={ranges}
        value={typeof range === "object" ? "custom" : range}
        onChange={(choice) => setView({ range: choice === "custom" ? dates : choice })}
      />
      {typeof range === "object" && (
        <span class="dates">
          <DateInput
            label="First day"
            value={range.from}
            min={dayAfter(range.to, 1 - maxRangeDays)}
            max={range.to}
            onChange={(from) => setView({ range: { ...range, from } })}
          />
          {" – "}
          <DateInput
            label="Last day"
            value={range.to}
            min={range.from}
            max={earlier(today, dayAfter(range.from, maxRangeDays - 1))}
            onChange={(to) => setView({ range: { ...range, to } })}
          />
        </span>
      )}
      <label class="select">
        <span class="unseen">Compare active people with</span>
        <select
          value={compare === null ? "none" : typeof compare === "object" ? "custom" : compare}
          onChange={(event) => {
            const choice = comparisons.find(([name]) => name === event.currentTarget.value)?.[0] ?? "none";
            setView({ compare: comparisonOf(choice, comparedFrom(range, compare ?? "previous", today)) });
          }}
        >
          {comparisons.map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {typeof compare === "object" && compare !== null && (
        <span class="dates">
          <DateInput
            label="First day to compare with"
            value={compare.from}
            min="2000-01-01"
            max={today}
            onChange={(from) => setView({ compare: { from } })}
          />
        </span>
      )}
    </div>
  );
}

function comparisonOf(choice: (typeof comparisons)[number][0], from: string): Comparison | null {
  if (choice === "none") return null;
  return choice === "custom" ? { from } : choice;
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}

/** Takes a day within bounds. While a year is typed the browser passes on days of the first century, which are none. */
function DateInput(props: {
  label: string;
  value: string;
  min: string;
  max: string;
  onChange: (date: string) => void;
}): ComponentChildren {
  const { label, onChange, ...bounds } = props;
  return (
    <input
      type="date"
      required
      aria-label={label}
      {...bounds}
      onChange={({ currentTarget: { validity, value } }) => {
        if (validity.valid) onChange(value);
      }}
    />
  );
}
