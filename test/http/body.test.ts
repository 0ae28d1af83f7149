import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonOrText, mediaType, readBody } from "../../worker/http/body.ts";
import { ok, refused, type Result } from "../../worker/result.ts";

const maxBytes = 100;
const anything = (input: unknown): Result<unknown> => ok(input);

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("https://headcount.test", {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
    duplex: "half",
  } as RequestInit);
}

const read = (request: Request, decode = anything) =>
  readBody(request, { types: jsonOrText, maxBytes, decode });

/** A body that arrives in pieces of this size. */
function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}

test("JSON is read as it was written, however it arrives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 2 }), fc.integer({ min: 1, max: 20 }), async (json, size) => {
      const bytes = new TextEncoder().encode(json);
      fc.pre(bytes.length <= maxBytes);
      expect(await read(post(inPieces(bytes, size)))).toEqual(JSON.parse(json));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("a byte order mark in front of JSON is passed over", async () => {
  expect(await read(post("\u{feff}{}"))).toEqual({});
});

test("a body of as many bytes as it may have is read, and one more is too large", async () => {
  const body = (bytes: number) => `"${"ü".repeat((bytes - 2) / 2)}"`;
  expect(await read(post(body(maxBytes)))).toBe("ü".repeat(49));
  await expect(read(post(`${body(maxBytes)} `))).rejects.toMatchObject({
    reason: "body-too-large",
    detail: "expected at most 100 bytes: send several smaller requests",
  });
});

test("a body that never ends is read no further than it may", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 10;
      controller.enqueue(new Uint8Array(10).fill(32));
    },
  });
  await expect(read(post(endless))).rejects.toMatchObject({ reason: "body-too-large" });
  expect(sent).toBeLessThan(3 * maxBytes);
});

test("what is not JSON in UTF-8 is malformed, and is not quoted", async () => {
  for (const body of ['{"user":"alice"', "", new Uint8Array([0x22, 0xff, 0x22])]) {
    await expect(read(post(body))).rejects.toMatchObject({
      reason: "malformed-body",
      detail: "expected JSON in UTF-8",
    });
  }
  await expect(read(post(null))).rejects.toMatchObject({ reason: "malformed-body" });
});

test("what its rules refuse is refused in their words", async () => {
  const decode = () => refused("expected a beat");
  await expect(read(post("{}"), decode)).rejects.toMatchObject({
    reason: "malformed-body",
    detail: "expected a beat",
  });
  const rules = { types: jsonOrText, maxBytes, decode, reason: "invalid-settings" as const };
  await expect(readBody(post("{}"), rules)).rejects.toMatchObject({ reason: "invalid-settings" });
});

test("media types are compared without case or parameters, and none at all is fine", async () => {
  for (const type of [
    "application/json",
    "Text/Plain;charset=UTF-8",
    " application/JSON ; x=1",
    "application/x-www-form-urlencoded",
  ]) {
    expect(await read(post("{}", { "content-type": type }))).toEqual({});
  }
  const bare = post(new Uint8Array([0x7b, 0x7d]));
  bare.headers.delete("content-type");
  expect(mediaType(bare)).toBeNull();
  expect(await read(bare)).toEqual({});
  await expect(read(post("{}", { "content-type": "text/html" }))).rejects.toMatchObject({
    reason: "unsupported-media-type",
    detail: "expected application/json or text/plain or application/x-www-form-urlencoded",
  });
});

test("a compressed body is refused", async () => {
  expect(await read(post("{}", { "content-encoding": "Identity" }))).toEqual({});
  await expect(read(post("{}", { "content-encoding": "gzip" }))).rejects.toMatchObject({
    reason: "unsupported-media-type",
  });
});
