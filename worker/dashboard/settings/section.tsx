import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Plan } from "./confirmation.tsx";

/** Puts a change before the reader, to be confirmed. */
export type Propose = (plan: Plan) => void;

/** A group of settings: what they are for, and beside it the settings. */
export function Section(props: { title: string; about: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="setting" aria-labelledby={id}>
      <div class="setting-about">
        <h2 id={id}>{props.title}</h2>
        <p>{props.about}</p>
      </div>
      <div class="setting-body">{props.children}</div>
    </section>
  );
}

/** A text to fill in, with its name above. */
export function Field(props: {
  label: string;
  name: string;
  value: string;
  onInput: (value: string) => void;
  isDate?: boolean;
  placeholder?: string;
}) {
  const { label, onInput, isDate = false, ...input } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <input
        {...input}
        {...(isDate ? { type: "date" as const } : { type: "text" as const })}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** One of a few choices, with its name above. */
export function Choice<Value extends string>(props: {
  label: string;
  name: string;
  choices: readonly (readonly [Value, string])[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const { label, name, choices, value, onChange } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <span class="select">
        <select
          name={name}
          value={value}
          onChange={(event) => {
            const chosen = choices.find(([choice]) => choice === event.currentTarget.value);
            if (chosen !== undefined) onChange(chosen[0]);
          }}
        >
          {choices.map(([choice, words]) => (
            <option key={choice} value={choice}>
              {words}
            </option>
          ))}
        </select>
      </span>
    </label>
  );
}

/** Fields, and the button that puts their change before the reader. */
export function Form(props: {
  children: ComponentChildren;
  action: string;
  /** Whether there is something to be done. */
  isReady: boolean;
  onSubmit: () => void;
}) {
  const { children, action, isReady, onSubmit } = props;
  return (
    <form
      class="setting-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onSubmit();
      }}
    >
      {children}
      <button type="submit" class="button" disabled={!isReady}>
        {action}
      </button>
    </form>
  );
}
