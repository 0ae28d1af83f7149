import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { unpacked } from "../../worker/http/gunzip.ts";
import { Refusal } from "../../worker/http/problem.ts";
import { inChunks } from "./chunks.ts";

const lines = Array.from({ length: 20_000 }, (_, index) => `{"user":"user-${index * 7919}"}`).join("\n");

async function textOf(body: Uint8Array | string, isSaid: boolean, size = 4096): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of unpacked(inChunks(body, size), isSaid))
    text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

test("gzip is unpacked whether a header says so or its first bytes do", async () => {
  const packed = gzipSync(lines);
  for (const isSaid of [true, false]) {
    for (const size of [1, 4096, 1_000_000]) expect(await textOf(packed, isSaid, size)).toBe(lines);
  }
});

test("what is not packed is let through as it is", async () => {
  for (const text of [lines, "", "{", "\u001f"]) expect(await textOf(text, false)).toBe(text);
  expect(await textOf("", true)).toBe("");
});

test("what is no gzip, is cut off or damaged is refused in words", async () => {
  const packed = gzipSync(lines);
  const damaged = Uint8Array.from(packed);
  damaged[500] = (damaged[500] as number) ^ 0xff;
  expect((await refusalOf(textOf(lines, true))).detail).toContain("expected a body in gzip");
  for (const body of [packed.subarray(0, packed.length - 100), damaged, Uint8Array.of(0x1f, 0x8b, 1)]) {
    expect((await refusalOf(textOf(body, false))).detail).toContain("gzip: damaged");
  }
});

test("a body that unpacks to far more than activity does is given up", async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  let bytes = 0;
  const taken = (async () => {
    for await (const chunk of unpacked(inChunks(bomb, 65_536), true)) bytes += chunk.length;
  })();
  expect((await refusalOf(taken)).reason).toBe("body-too-large");
  expect(bytes).toBeLessThan(1024 * 1024 + bomb.length * 250);
});

test("no more is taken in than what is read makes room for", async () => {
  let taken = 0;
  const packed = gzipSync(
    Array.from({ length: 400_000 }, (_, index) => `{"user":"${index * 7919}"}`).join("\n"),
  );
  async function* counted() {
    for await (const chunk of inChunks(packed, 4096)) {
      taken += chunk.length;
      yield chunk;
    }
  }
  for await (const _ of unpacked(counted(), true)) break;
  expect(taken).toBeLessThan(packed.length / 4);
});
