import fc from "fast-check";
import { expect, test } from "vitest";
import { type NumberedLine, readNdjson } from "../../worker/http/ndjson.ts";

const maxLineBytes = 40;

/** Reads bytes that arrive in pieces of these sizes, over and over. */
async function read(bytes: Uint8Array, sizes: readonly number[]): Promise<NumberedLine[]> {
  let at = 0;
  let turn = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes[turn++ % sizes.length] as number;
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
  const lines: NumberedLine[] = [];
  for await (const some of readNdjson(body, maxLineBytes)) lines.push(...some);
  return lines;
}

/** The same with all of the text at hand. */
function split(text: string): NumberedLine[] {
  return text.split("\n").flatMap((line, index): NumberedLine[] => {
    const number = { line: index + 1 };
    if (Buffer.byteLength(line) > maxLineBytes) {
      return [{ ...number, error: `longer than ${maxLineBytes} bytes` }];
    }
    if (line.trim() === "") return [];
    try {
      return [{ ...number, value: JSON.parse(line) as unknown }];
    } catch {
      return [{ ...number, error: "not JSON: expected one beat on each line" }];
    }
  });
}

test("lines are read as from one text, however the stream is cut", async () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 14 }).map((text) => JSON.stringify(text)),
    fc.constantFrom("", "  ", "\t", "{}", "[1,2]", "null", '{"user":"é"}', "nonsense", '{"user":', "\r"),
    fc.integer({ min: maxLineBytes - 3, max: maxLineBytes + 3 }).map((length) => "1".repeat(length)),
    fc.integer({ min: 0, max: 300 }).map((length) => `"${"ü".repeat(length)}"`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
      async (lines, isEnded, sizes) => {
        const text = lines.join("\n") + (isEnded ? "\n" : "");
        expect(await read(Buffer.from(text), sizes)).toEqual(split(text));
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test("a line that never ends is an error, and what follows it is read", async () => {
  const text = `{"user":"a"}\n${"x".repeat(100_000)}\n{"user":"b"}`;
  expect(await read(Buffer.from(text), [1000])).toEqual([
    { line: 1, value: { user: "a" } },
    { line: 2, error: "longer than 40 bytes" },
    { line: 3, value: { user: "b" } },
  ]);
});

test("an error never quotes the line", async () => {
  const [line] = await read(Buffer.from('{"user":"alice@example.com"'), [5]);
  expect(JSON.stringify(line)).not.toContain("alice");
});

test("an empty body has no lines", async () => {
  expect(await read(new Uint8Array(), [1])).toEqual([]);
  expect(await read(Buffer.from("\n\n"), [1])).toEqual([]);
});
