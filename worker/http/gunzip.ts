import { gzipPieceBytes, maxGzipRatio } from "../limits.ts";
import { Refusal } from "./problem.ts";

/** How much may come of a first few bytes before their ratio means anything. */
const graceBytes = 1024 * 1024;

/**
 * A body as it was before gzip (RFC 1952), whether a header says so or its first bytes do; any other body as it is.
 *
 * @param isSaid whether a header says that it is gzip
 * @throws Refusal for what is no gzip, is cut off, or unpacks to far more than activity does
 */
export async function* unpacked(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isSaid: boolean,
): AsyncGenerator<Uint8Array> {
  const chunks = withoutEmpty(body);
  const first = await joinedStart(chunks);
  if (first === null) return;
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  if (isSaid && !isGzip)
    throw new Refusal("malformed-body", "content-encoding says gzip: expected a body in gzip");
  const all = startingWith(first, chunks);
  yield* isGzip ? gunzip(all) : all;
}

async function* withoutEmpty(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) if (chunk.length > 0) yield chunk;
}

/** The first two bytes or more; null where there are none. */
async function joinedStart(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array | null> {
  const first = await chunks.next();
  if (first.done) return null;
  if (first.value.length > 1) return first.value;
  const second = await chunks.next();
  return second.done ? first.value : Uint8Array.of(...first.value, ...second.value);
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/**
 * Unpacks piece by piece, and takes the next piece once nothing more comes of those before: the runtime's stream takes in all
 * that it is given, whether or not anybody reads what it makes of it. So memory is bounded by what comes of one piece, and
 * time by the ratio that is allowed.
 */
async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader();
  const output = new Output(reader);
  /** What a failure is, the reader tells. */
  const ignored = () => {};
  try {
    for await (const piece of piecesOf(chunks)) {
      writer.write(piece as BufferSource).catch(ignored);
      output.allow(piece.length);
      yield* output.untilIdle();
    }
    writer.close().catch(ignored);
    yield* output.toTheEnd();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Refusal(
      "malformed-body",
      "gzip: damaged, cut off, or several files in one body: send each file in its own request",
    );
  } finally {
    reader.cancel().catch(ignored);
    writer.abort().catch(ignored);
  }
}

/** What a stream makes of what is written to it, as long as that is in proportion. */
class Output {
  /** Bytes that may still come. */
  #allowance = graceBytes;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #next: Promise<ReadableStreamReadResult<Uint8Array>>;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
    this.#next = reader.read();
    // It is looked at sooner or later, unless nobody wants more.
    this.#next.catch(() => {});
  }

  /** So many more bytes were written. */
  allow(packed: number): void {
    this.#allowance += packed * maxGzipRatio;
  }

  /** All that is there, until nothing has come while everything else that was due was done. */
  async *untilIdle(): AsyncGenerator<Uint8Array> {
    for (let isIdle = false; !isIdle;) {
      isIdle = true;
      const turn = new Promise<null>((resolve) => {
        setTimeout(resolve, 0, null);
      });
      for (let next = await this.#orAfter(turn); next !== null; next = await this.#orAfter(turn)) {
        if (next.done) return;
        isIdle = false;
        yield this.#take(next.value);
      }
    }
  }

  #orAfter(turn: Promise<null>): Promise<ReadableStreamReadResult<Uint8Array> | null> {
    return Promise.race([this.#next, turn]);
  }

  async *toTheEnd(): AsyncGenerator<Uint8Array> {
    for (let next = await this.#next; !next.done; next = await this.#next) yield this.#take(next.value);
  }

  #take(value: Uint8Array): Uint8Array {
    this.#next = this.#reader.read();
    this.#next.catch(() => {});
    this.#allowance -= value.length;
    if (this.#allowance >= 0) return value;
    throw new Refusal(
      "body-too-large",
      `gzip: expected a body that unpacks to at most ${maxGzipRatio} times its size: send it in several parts`,
    );
  }
}

/** The same bytes in pieces of one size, but for the last. */
async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(gzipPieceBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + gzipPieceBytes - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < gzipPieceBytes) continue;
      yield piece;
      piece = new Uint8Array(gzipPieceBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
