import { type Outcome, simulate } from "./simulate.ts";

/** The first few seeds from `first` to `last` that went wrong, with how to see one again. */
export async function failuresIn(first: number, last: number): Promise<string[]> {
  const failures: string[] = [];
  for (let seed = first; seed <= last && failures.length < 5; seed++) {
    const outcome = await simulate(seed);
    if (outcome.complaints.length > 0) failures.push(told(outcome));
  }
  return failures;
}

function told({ seed, complaints }: Outcome): string {
  return `npm run simulate -- --seed ${seed}: ${complaints.slice(0, 5).join("; ")}`;
}
