import { expect, test } from "vitest";
import { SipHasher } from "../../worker/sketch/index.ts";
import { sipHashVectors } from "./siphash-vectors.ts";

const key = Uint8Array.from({ length: 16 }, (_, i) => i);
const hasher = new SipHasher(key);

function hashBytes(bytes: Uint8Array): string {
  const out = new Uint32Array(2);
  hasher.hashBytes(bytes, out);
  return hexOf(out);
}

function hashText(text: string): string {
  const out = new Uint32Array(2);
  hasher.hash(text, out);
  return hexOf(out);
}

function hexOf(out: Uint32Array): string {
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join("");
}

test("bytes hash to the vectors of the reference code", () => {
  expect(sipHashVectors).toHaveLength(64);
  for (const [length, vector] of sipHashVectors.entries()) {
    const lowestFirst = hashBytes(Uint8Array.from({ length }, (_, i) => i))
      .match(/../g)
      ?.toReversed();
    expect(lowestFirst?.join(""), `${length} bytes`).toBe(vector);
  }
});

test("the example of the paper comes out", () => {
  expect(hashBytes(Uint8Array.from({ length: 15 }, (_, i) => i))).toBe("a129ca6149be45e5");
});

test("a text hashes as its UTF-8 bytes", () => {
  // From the big-integer implementation that the vectors were checked with.
  expect(hashText("é")).toBe("242aa8f118ca4ba5");
  expect(hashText("用户-42")).toBe("11eb6ee258baa92c");
  expect(hashText("🙂".repeat(30))).toBe("419c63c2c81ed547");
  expect(hashText("a".repeat(600))).toBe("79f8a8a90256cb00");
});

test("texts of every length and alphabet agree with the bytes of TextEncoder", () => {
  const encoder = new TextEncoder();
  for (const letter of ["x", "\u007f", "\u0080", "ß", "漢", "🙂"]) {
    for (let length = 0; length < 700; length = length < 40 ? length + 1 : length + 13) {
      for (const text of [letter.repeat(length), `${"y".repeat(length)}${letter}`]) {
        expect(hashText(text), `${letter} × ${length}`).toBe(hashBytes(encoder.encode(text)));
      }
    }
  }
});

test("a call leaves nothing behind for the next", () => {
  const before = hashText("ab");
  hashText("a much longer text, of more than a few blocks, ending in something else");
  hashText("ünïcödé ünïcödé");
  hashBytes(new Uint8Array(511).fill(255));
  expect(hashText("ab")).toBe(before);
});

test("a lone surrogate hashes as U+FFFD", () => {
  expect(hashText("\ud800")).toBe(hashText("\ufffd"));
  expect(hashText("\ufffd")).toBe("b9983c482c6ee147");
});

test("nothing is normalised", () => {
  expect(hashText("e\u0301")).not.toBe(hashText("\u00e9"));
});

test("the key is copied and decides the hash", () => {
  const other = key.slice();
  const copied = new SipHasher(other);
  other.fill(9);
  const out = new Uint32Array(2);
  copied.hash("u-42", out);
  expect(hexOf(out)).toBe(hashText("u-42"));
  new SipHasher(other).hash("u-42", out);
  expect(hexOf(out)).not.toBe(hashText("u-42"));
});

test("a key of another length is refused", () => {
  for (const length of [0, 15, 17, 32]) {
    expect(() => new SipHasher(new Uint8Array(length)), `${length} bytes`).toThrow(RangeError);
  }
});
