import type { CreateLite } from "../../test/sketch/lite.ts";
import { liteWordsOf } from "../../test/sketch/lite-words.ts";
import { randomWords, seededHasher } from "../../test/sketch/random.ts";
import { decode, encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";

/** Does something so many times; the number is there so that no engine may leave the work out. */
type Run = (times: number) => number;

/** One thing measured: ours, hyperloglog-lite's where it can do it, and the least that could be done about the same bytes. */
export interface Task {
  name: string;
  ours: Run;
  lite?: Run;
  limit: Run;
  limitName: string;
}

const keyId = 1;
const ids = 50_000;
const usersPerDay = 100_000;

/** What is measured, in Node and in workerd alike: this file knows neither. */
export function workload(createLite: CreateLite): Task[] {
  const days = Array.from({ length: 365 }, (_, day) => denseSketch(day));
  return [...adding(createLite), ...uniting(createLite, days), ...coding(days[0]!), month(createLite, days)];
}

function adding(createLite: CreateLite): Task[] {
  const random = randomWords(1);
  const texts = Array.from({ length: ids }, () => uuid(random));
  const hasher = seededHasher(1);
  const hash = new Uint32Array(2);
  const hashes = texts.map((text) => {
    hasher.hash(text, hash);
    return [hash[0]!, hash[1]!] as const;
  });
  const entries = Uint32Array.from(hashes, ([hi, lo]) => entryOf(hi, lo));
  const words = hashes.map(([hi, lo]) => liteWordsOf(hi, lo));
  const sketch = denseSketch(0);
  const lite = createLite(14);
  return [
    {
      name: "add a user, from an id of 36 characters",
      ours: (times) => {
        for (let i = 0; i < times; i++) {
          hasher.hash(texts[i % ids]!, hash);
          sketch.add(entryOf(hash[0]!, hash[1]!));
        }
        return sketch.count();
      },
      lite: (times) => {
        for (let i = 0; i < times; i++) lite.add(createLite.hash(texts[i % ids]!));
        return lite.count();
      },
      limit: (times) => {
        let sum = 0;
        for (let i = 0; i < times; i++) {
          const text = texts[i % ids]!;
          for (let at = 0; at < text.length; at++) sum = (sum + text.charCodeAt(at)) | 0;
        }
        return sum;
      },
      limitName: "reading the characters",
    },
    {
      name: "add a user, already hashed",
      ours: (times) => {
        for (let i = 0; i < times; i++) sketch.add(entries[i % ids]!);
        return sketch.count();
      },
      lite: (times) => {
        for (let i = 0; i < times; i++) lite.add(words[i % ids]!);
        return lite.count();
      },
      limit: (times) => {
        let sum = 0;
        for (let i = 0; i < times; i++) sum = (sum + entries[i % ids]!) | 0;
        return sum;
      },
      limitName: "reading the hashes",
    },
  ];
}

function uniting(createLite: CreateLite, days: readonly HyperLogLog[]): Task[] {
  const registers = days.map((day) => day.registers());
  const rows = registers.map((bytes) => new Int32Array(bytes.buffer));
  const counted = HyperLogLog.union(days.slice(0, 30), keyId);
  const liteCounted = createLite(14);
  for (const buckets of registers.slice(0, 30)) liteCounted.merge({ n: 14, buckets });
  const tasks = [30, 365].map((span): Task => ({
    name: `union of ${span} dense sketches and its count`,
    ours: repeat(() => HyperLogLog.union(days.slice(0, span), keyId).count()),
    lite: repeat(() => {
      const lite = createLite(14);
      for (const buckets of registers.slice(0, span)) lite.merge({ n: 14, buckets });
      return lite.count();
    }),
    limit: repeat(() => {
      let all = 0;
      for (const row of rows.slice(0, span)) for (let i = 0; i < row.length; i++) all |= row[i]!;
      return all;
    }),
    limitName: "reading the registers, four at a time",
  }));
  const bins = new Uint16Array(52);
  return [
    ...tasks,
    {
      name: "count",
      ours: repeat(() => counted.count()),
      lite: repeat(() => liteCounted.count()),
      limit: (times) => {
        let sum = 0;
        for (let i = 0; i < times * 52; i++) sum = (sum + bins[i % 52]!) | 0;
        return sum;
      },
      limitName: "reading the histogram",
    },
  ];
}

function coding(sketch: HyperLogLog): Task[] {
  const bytes = encode(sketch);
  const limit = repeat(() => bytes.slice().length);
  const limitName = "copying the bytes";
  return [
    { name: "encode a dense sketch", ours: repeat(() => encode(sketch).length), limit, limitName },
    { name: "decode a dense sketch", ours: repeat(() => decode(bytes).keyId), limit, limitName },
  ];
}

function month(createLite: CreateLite, days: readonly HyperLogLog[]): Task {
  const stored = days.slice(0, 30).map((day) => encode(day));
  const registers = days.slice(0, 30).map((day) => day.registers());
  return {
    name: "monthly users from 30 stored days: decode, unite, count",
    ours: repeat(() => {
      const users = new HyperLogLog(keyId);
      for (const bytes of stored) users.merge(decode(bytes));
      return users.count();
    }),
    // It has no stored form; its own array of bytes, unpacked and unchecked, is the best that can be done for it.
    lite: repeat(() => {
      const lite = createLite(14);
      for (const buckets of registers) lite.merge({ n: 14, buckets: buckets.slice() });
      return lite.count();
    }),
    limit: repeat(() => stored.reduce((sum, bytes) => sum + bytes.slice().length, 0)),
    limitName: "copying the bytes",
  };
}

function repeat(work: () => number): Run {
  return (times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += work();
    return sum;
  };
}

function denseSketch(seed: number): HyperLogLog {
  const random = randomWords(seed);
  const sketch = new HyperLogLog(keyId);
  for (let user = 0; user < usersPerDay; user++) sketch.add(entryOf(random(), random()));
  return sketch;
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () => (random() >>> 0).toString(16).padStart(8, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
