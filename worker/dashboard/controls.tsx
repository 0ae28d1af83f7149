/** A choice of a few words, one of which holds: radio buttons that look like one control. */
export function Segmented<Value extends string | number>(props: {
  label: string;
  name: string;
  choices: readonly (readonly [Value, string])[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const { label, name, choices, value, onChange } = props;
  return (
    <fieldset class="segmented">
      <legend class="unseen">{label}</legend>
      {choices.map(([choice, text]) => (
        <label key={choice}>
          <input type="radio" name={name} checked={choice === value} onChange={() => onChange(choice)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

export const windowChoices = [
  ["24h", "24 h"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;

export const intervalChoices = [
  ["day", "Days"],
  ["week", "Weeks"],
] as const;

export const metricChoices = [
  ["dau", "Daily"],
  ["wau", "Weekly"],
  ["mau", "Monthly"],
] as const;
