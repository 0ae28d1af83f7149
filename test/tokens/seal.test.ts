import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seal, unseal } from "../../worker/tokens/seal.ts";

const now = Date.parse("2026-11-20T10:02:03.999Z");
const raw = Uint8Array.from({ length: 32 }, (_, index) => index);
const importKey = (bytes: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
const key = await importKey(raw);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const anyBytes = fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes));

test("what was sealed opens with the same key and context, here and in another implementation of AES-GCM", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.string(), async (bytes, context) => {
      const sealed = new Uint8Array(await seal(key, context, bytes, now));
      expect(await unseal(key, context, sealed)).toEqual(bytes);
      const decipher = createDecipheriv("aes-256-gcm", raw, sealed.subarray(0, 12));
      decipher.setAAD(bytesOf(context)).setAuthTag(sealed.subarray(-16));
      const opened = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      expect(new Uint8Array(opened)).toEqual(bytes);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test("what another implementation sealed opens here", async () => {
  const [nonce, bytes] = [randomBytes(12), bytesOf("what is sealed")];
  const cipher = createCipheriv("aes-256-gcm", raw, nonce).setAAD(bytesOf("context"));
  const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  expect(await unseal(key, "context", new Uint8Array(sealed))).toEqual(bytes);
});

test("nothing opens with another key or context, or when a bit of it was changed or a byte is missing", async () => {
  const sealed = new Uint8Array(await seal(key, "context", bytesOf("secret"), now));
  expect(await unseal(await importKey(raw.toReversed()), "context", sealed)).toBeNull();
  expect(await unseal(key, "contexT", sealed)).toBeNull();
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(await unseal(key, "context", changed)).toBeNull();
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(await unseal(key, "context", sealed.slice(0, length))).toBeNull();
  }
});

test("a nonce is the second and 64 bits of chance, so the same is never sealed alike", async () => {
  const sealed = await Promise.all(Array.from({ length: 200 }, () => seal(key, "", bytesOf("a"), now)));
  const seconds = sealed.map((bytes) => new DataView(bytes.buffer).getUint32(0));
  expect(new Set(seconds)).toEqual(new Set([Math.floor(now / 1000)]));
  expect(new Set(sealed.map((bytes) => bytes.subarray(4, 12).join())).size).toBe(200);
});
