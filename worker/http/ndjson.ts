/** A line of NDJSON with its number, counted from 1: a value, or in words why there is none. */
export type NumberedLine = { line: number } & ({ value: unknown } | { error: string });

const newline = 10;

/**
 * Reads NDJSON from a stream of any length in memory bounded by one chunk and one line. Blank lines are passed
 * over but counted. A line that is too long or not JSON gives an error and the next one is read.
 */
export async function* readNdjson(
  body: ReadableStream<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<NumberedLine[]> {
  const decoder = new TextDecoder();
  let line = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const finish = (rest: Uint8Array): NumberedLine | null => {
    line++;
    const bytes = heldBytes + rest.length;
    const pieces = held;
    held = [];
    heldBytes = 0;
    if (bytes > maxLineBytes) return { line, error: `longer than ${maxLineBytes} bytes` };
    const text = decoder.decode(pieces.length === 0 ? rest : concat([...pieces, rest], bytes)).trim();
    if (text === "") return null;
    try {
      return { line, value: JSON.parse(text) };
    } catch {
      // The parser's own words quote the input, which may hold somebody's id.
      return { line, error: "not JSON: expected one beat a line" };
    }
  };

  for await (const chunk of body) {
    const lines: NumberedLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const read = finish(chunk.subarray(start, end));
      if (read !== null) lines.push(read);
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    // What is too long already need not be kept, only known to be too long.
    if (heldBytes <= maxLineBytes && rest.length > 0) held.push(rest);
    if (heldBytes > maxLineBytes) held = [];
    heldBytes += rest.length;
    yield lines;
  }
  if (heldBytes > 0) {
    const last = finish(new Uint8Array());
    if (last !== null) yield [last];
  }
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
