import { expect, test } from "vitest";
import { readNdjson } from "../../worker/http/ndjson.ts";
import { all, inChunks } from "./chunks.ts";

test("bytes that aren't UTF-8 are refused with their line, and the other lines are read", async () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const latin1 = Uint8Array.of(...utf8('{"user":"M'), 0xfc, ...utf8('ller"}'));
  const bytes = Uint8Array.of(...utf8('\ufeff{"user":"Müller"}\n\n'), ...latin1, ...utf8('\n{"user":"b"}'));
  for (const size of [1, 5, 1000]) {
    expect(await all(readNdjson(inChunks(bytes, size), 100))).toEqual([
      { line: 1, value: { user: "Müller" } },
      { line: 3, error: "not UTF-8: expected text in UTF-8" },
      { line: 4, value: { user: "b" } },
    ]);
  }
});
