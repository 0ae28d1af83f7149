import { appsAtOnce } from "../limits.ts";

/** Works on what belongs to some apps, a few at once. Returns the answers in order; rejects in the end where one failed. */
export async function fewAtOnce<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const waiting = items.entries();
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const worker = async () => {
    // All of them take from the same iterator.
    for (const [index, item] of waiting) {
      try {
        answers[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: appsAtOnce }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
}
