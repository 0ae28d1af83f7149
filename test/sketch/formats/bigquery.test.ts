import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HyperLogLog, toBigQuery } from "../../../worker/sketch/index.ts";
import { keyId, randomSketch } from "../random.ts";

type Message = Map<number, number | Uint8Array>;

/** Reads a protobuf message of varints and byte strings. */
function messageIn(bytes: Uint8Array): Message {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const message: Message = new Map();
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) message.set(field, varint());
    else {
      const length = varint();
      message.set(field, bytes.slice(at, at + length));
      at += length;
    }
  }
  expect(at).toBe(bytes.length);
  return message;
}

// This form was deserialised, estimated and merged by zetasketch; there is none here to run against each time.
test("exported bytes are these", () => {
  const prints = [0, 1, 3072, 41_000, 300_000].map((users) => {
    const bytes = toBigQuery(randomSketch(users, users));
    return [bytes.length, createHash("sha256").update(bytes).digest("hex").slice(0, 32)];
  });
  expect(prints).toEqual([
    [16405, "f698bd3e2fb1cd33d0e04d8f8f730f1d"],
    [16405, "dd7d54194efc4ebccf61fd7b18f0f57c"],
    [16406, "8b2803cf4575460036c454e06baad526"],
    [16407, "5d4c3df4fa8fabd9adb38aa818e1e9f2"],
    [16407, "76d44d035b587d01e4ef5933e0c86651"],
  ]);
});

test("the message is an aggregator's state of HyperLogLog++ with our registers as they are", () => {
  for (const users of [0, 1, 3072, 41_000, 1_000_000]) {
    const sketch = randomSketch(users, users);
    const message = messageIn(toBigQuery(sketch));
    const state = messageIn(message.get(112) as Uint8Array);
    message.delete(112);
    expect([...message]).toEqual([
      [1, 112],
      [2, Math.round(sketch.count())],
      [3, 2],
      [4, 11],
    ]);
    expect([...state.keys()]).toEqual([3, 4, 5]);
    expect([state.get(3), state.get(4)]).toEqual([14, 19]);
    expect(state.get(5)).toEqual(sketch.registers());
  }
});

test("a number of values that a protobuf integer could not hold is capped", () => {
  const full = HyperLogLog.fromRegisters(new Uint8Array(16_384).fill(51), keyId);
  expect(messageIn(toBigQuery(full)).get(2)).toBe(Number.MAX_SAFE_INTEGER);
});
