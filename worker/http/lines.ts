/** A line, or a record of several, with the number of its first line counted from 1: its text, or in words why it has none. */
export type NumberedText = { line: number } & ({ text: string } | { error: string });

const newline = 10;

/** Finds where records end. It may remember what came before. */
export interface RecordEnds {
  /** The index of the newline that ends the record that is being read, or -1 where none does up to the chunk's end. */
  find(chunk: Uint8Array, from: number): number;
  /** Newlines in the record that was ended last, its own included. */
  lines: number;
  /** The record is too long: it ends at the next newline, whatever it is. */
  giveUp(): void;
  /** What a record that is too long may be due to. */
  readonly hint: string;
}

/** Every newline ends a record. */
const everyLine: RecordEnds = {
  find: (chunk, from) => chunk.indexOf(newline, from),
  lines: 1,
  giveUp: () => {},
  hint: "",
};

/**
 * Cuts a stream of any length into records, in memory bounded by one chunk and one record. Empty ones are counted alone. One that is too long or isn't UTF-8
 * gives an error, and the next one is read.
 */
export async function* readLines(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  ends: RecordEnds = everyLine,
): AsyncGenerator<NumberedText[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let line = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const finish = (rest: Uint8Array): NumberedText => {
    const bytes = heldBytes + rest.length;
    const pieces = held;
    held = [];
    heldBytes = 0;
    const at = line;
    line += ends.lines;
    if (bytes > maxBytes) return { line: at, error: `longer than ${maxBytes} bytes${ends.hint}` };
    try {
      return {
        line: at,
        text: decoder.decode(pieces.length === 0 ? rest : concat([...pieces, rest], bytes)),
      };
    } catch {
      return { line: at, error: "not UTF-8: expected text in UTF-8" };
    }
  };

  for await (const chunk of body) {
    const lines: NumberedText[] = [];
    let start = 0;
    for (let end = ends.find(chunk, start); end !== -1; end = ends.find(chunk, start)) {
      // Cheap: a small packed body may hold millions of them.
      if (end === start && heldBytes === 0) line += ends.lines;
      else lines.push(finish(chunk.subarray(start, end)));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    // What is too long already need not be kept, only known to be too long.
    if (heldBytes <= maxBytes && rest.length > 0) held.push(rest);
    heldBytes += rest.length;
    if (heldBytes > maxBytes) {
      held = [];
      ends.giveUp();
    }
    yield lines;
  }
  if (heldBytes > 0) yield [finish(new Uint8Array())];
}

function concat(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
