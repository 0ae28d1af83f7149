import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { AskProblem } from "../api.ts";
import { SessionContext } from "../session-context.ts";

/** A change that waits for its confirmation. */
export interface Plan {
  title: string;
  /** What it will do, a sentence each. */
  effects: readonly string[];
  /** What the button says that carries it out. */
  action: string;
  /** Carries it out; resolves with what came of it, in words. */
  carryOut: () => Promise<string>;
}

/** Says what a change will do, and carries it out once that is confirmed; says what the service answers where it refuses. */
export function Confirmation(props: { plan: Plan; done: (outcome: string) => void; close: () => void }) {
  const { plan, done, close } = props;
  const { refuse } = useContext(SessionContext);
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<AskProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);

  const carryOut = async () => {
    setIsSending(true);
    try {
      done(await plan.carryOut());
      // Gives the focus back to where it was.
      dialog.current?.close();
    } catch (error) {
      const said =
        error instanceof AskProblem
          ? error
          : new AskProblem("The answer can't be read.", "Reload the page to see the current settings.");
      if (said.isKey) return refuse(said);
      setProblem(said);
      setIsSending(false);
    }
  };

  return (
    <dialog ref={dialog} class="confirmation" aria-labelledby={id} onClose={close}>
      <h2 id={id}>{plan.title}</h2>
      <ul>
        {plan.effects.map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
      <p class="complaint" role="alert">
        {problem !== null && `${problem.message} ${problem.remedy}`}
      </p>
      <div class="choices">
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="button" disabled={isSending} onClick={() => void carryOut()}>
          {plan.action}
        </button>
      </div>
    </dialog>
  );
}
