/** Work that can be left off now and then: an object that answers others as well does it in turns. */
export type Turns<Value> = Generator<void, Value>;

/** Does work without leaving it off. */
export function atOnce<Value>(turns: Turns<Value>): Value {
  for (;;) {
    const turn = turns.next();
    if (turn.done) return turn.value;
  }
}

/**
 * Does work in turns, with a rest between two.
 *
 * @param rest is told the milliseconds for which there was work
 */
export async function inTurns<Value>(
  turns: Turns<Value>,
  rest: (workedMs: number) => Promise<void>,
): Promise<Value> {
  for (;;) {
    const startedAt = Date.now();
    const turn = turns.next();
    if (turn.done) return turn.value;
    await rest(Date.now() - startedAt);
  }
}
