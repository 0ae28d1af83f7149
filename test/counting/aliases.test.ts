import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Aliases, type AliasChange, type Target } from "../../worker/counting/aliases.ts";
import { shardsOf } from "../../worker/counting/shards-of.ts";
import type { UserHash } from "../../worker/counting/user-hash.ts";
import { aliasesPerPage } from "../../worker/limits.ts";
import { MemoryStore } from "../support/memory-store.ts";

const shardsEver = 4;
const users: UserHash[] = Array.from({ length: 8 }, (_, index) => ({
  entry: ((index + 1) << 6) | 1,
  shardHash: index * 5 + 3,
}));
const [a, b, c, d] = users as [UserHash, UserHash, UserHash, UserHash];

let store: MemoryStore;
let aliases: Aliases;

beforeEach(() => {
  store = new MemoryStore();
  aliases = new Aliases(store);
});

const carryOut = (wanted: AliasChange) => aliases.change([wanted]);
const link = (user: UserHash, to: UserHash, onlyIfFree = false) =>
  carryOut({ do: "link", user, to, onlyIfFree });
const exclude = (user: UserHash) => carryOut({ do: "exclude", user });
const include = (user: UserHash) => carryOut({ do: "include", user });

const resolveAll = () => users.map(({ entry }) => aliases.resolve(entry));

test("who was never linked counts as themselves", () => {
  expect(aliases.resolve(a.entry)).toBe(a.entry);
});

test("links are followed to the end, in whatever order they came", () => {
  expect(link(b, c)).toEqual([b.shardHash]);
  expect(link(a, b)).toEqual([a.shardHash]);
  expect(link(c, d)).toEqual([c.shardHash, b.shardHash, a.shardHash]);
  expect([a, b, c, d].map(({ entry }) => aliases.resolve(entry))).toEqual(Array(4).fill(d.entry));
});

test("a link that would close a circle changes nothing", () => {
  link(a, b);
  link(b, c);
  for (const [from, to] of [
    [c, a],
    [c, b],
    [b, a],
    [a, a],
    [c, c],
  ] as const) {
    link(from, to);
    expect([a, b, c].map(({ entry }) => aliases.resolve(entry))).toEqual(Array(3).fill(c.entry));
  }
});

test("a later link goes before an earlier one, unless only who is free is to be linked", () => {
  link(a, b);
  link(a, c, true);
  expect(aliases.resolve(a.entry)).toBe(b.entry);
  expect(link(a, b, true)).toEqual([a.shardHash]);
  expect(link(a, c)).toEqual([a.shardHash]);
  expect(aliases.resolve(a.entry)).toBe(c.entry);
  expect(link(d, c, true)).toEqual([d.shardHash]);
  expect(aliases.resolve(d.entry)).toBe(c.entry);
});

test("a link that is said again writes no row of its own, and tells again whom it touches", () => {
  link(a, b);
  const [row] = store.aliasesAfter(0);
  expect(link(a, b)).toEqual([a.shardHash]);
  expect(store.aliasesAfter(0)).toEqual([row]);
});

test("an exclusion takes out all who count as the excluded user", () => {
  link(a, b);
  expect(new Set(exclude(a))).toEqual(new Set([a.shardHash, b.shardHash]));
  expect([a, b].map(({ entry }) => aliases.resolve(entry))).toEqual([null, null]);
  const row = store.getAlias(b.entry);
  expect(new Set(exclude(b))).toEqual(new Set([a.shardHash, b.shardHash]));
  expect(store.getAlias(b.entry)).toEqual(row);
});

test("who is excluded stays so when they are linked to somebody", () => {
  exclude(a);
  link(a, b);
  expect(aliases.resolve(a.entry)).toBeNull();
  expect(link(c, a)).toEqual([c.shardHash]);
  expect(aliases.resolve(c.entry)).toBeNull();
});

test("who is counted again counts as an entry that was nobody's, on the same shards, and always the same one", () => {
  link(a, b);
  expect(new Set(include(a))).toEqual(new Set([a.shardHash]));
  expect(aliases.resolve(a.entry)).toBe(b.entry);
  exclude(a);
  expect(new Set(include(a))).toEqual(new Set([a.shardHash, b.shardHash]));
  const again = aliases.resolve(a.entry) as number;
  expect(again).toBe(aliases.resolve(b.entry));
  expect(users.map(({ entry }) => entry)).not.toContain(again);
  expect(store.getAlias(b.entry)).toMatchObject({ target: again, targetShardHash: b.shardHash });

  const other = new Aliases(new MemoryStore());
  other.change([{ do: "exclude", user: b }]);
  other.change([{ do: "include", user: b }]);
  expect(other.resolve(b.entry)).toBe(again);
  // Each time another one: the one before was taken out of periods as well.
  other.change([{ do: "exclude", user: b }]);
  other.change([{ do: "include", user: b }]);
  expect([again, b.entry, null]).not.toContain(other.resolve(b.entry));
});

test("who asks for news is told what changed since of their own users, in the end and not on the way", () => {
  expect(aliases.news(0, 0, shardsEver)).toEqual({ seq: 0, aliases: [] });
  link(a, b);
  const told = (seq: number, shard: number) => aliases.news(seq, shard, shardsEver);
  // 3 is sent to 0, 1 and 3 of 1, 2 and 4 shards.
  expect(a.shardHash).toBe(3);
  for (const shard of [0, 1, 3]) {
    expect(told(0, shard)).toEqual({ seq: 1, aliases: [{ entry: a.entry, target: b.entry }] });
  }
  expect(told(0, 2)).toEqual({ seq: 1, aliases: [] });
  expect(told(1, 3)).toEqual({ seq: 1, aliases: [] });
  link(b, c);
  expect(told(1, 3)).toEqual({ seq: 3, aliases: [{ entry: a.entry, target: c.entry }] });
  exclude(c);
  expect(told(3, 3).aliases).toContainEqual({ entry: a.entry, target: null });
  expect(told(told(3, 3).seq, 3).aliases).toEqual([]);
});

test("who counts through somebody excluded counts as nobody for a shard that both are sent to", () => {
  link(a, c);
  exclude(c);
  expect(aliases.news(0, 0, shardsEver).aliases).toEqual([
    { entry: c.entry, target: null },
    { entry: a.entry, target: null },
  ]);
});

test("a link that was remembered through an exclusion closes no circle", () => {
  exclude(a);
  link(a, b);
  link(b, a);
  include(a);
  link(c, a);
  expect(aliases.resolve(a.entry)).toBe(aliases.resolve(b.entry));
  expect(aliases.resolve(c.entry)).toBe(aliases.resolve(a.entry));
  exclude(b);
  expect([a, b, c].map(({ entry }) => aliases.resolve(entry))).toEqual([null, null, null]);
});

test("an installation's link ends when nothing is kept that could hold it, unless it was said again or by a server", () => {
  const dayMs = 86_400_000;
  const signIn = (user: UserHash, to: UserHash, until: number) =>
    carryOut({ do: "link", user, to, onlyIfFree: true, until });
  const until = (user: UserHash) => store.getAlias(user.entry)?.until;
  signIn(a, d, 10 * dayMs);
  signIn(b, d, 10 * dayMs);
  signIn(c, d, 10 * dayMs);
  expect(aliases.news(0, 3, shardsEver).aliases).toContainEqual({
    entry: a.entry,
    target: d.entry,
    until: 10 * dayMs,
  });
  const rows = store.aliasesAfter(0);
  signIn(a, d, 10.5 * dayMs);
  expect(store.aliasesAfter(0)).toEqual(rows);
  signIn(b, d, 12 * dayMs);
  link(c, d);
  expect([a, b, c].map(until)).toEqual([10 * dayMs, 12 * dayMs, null]);
  store.dropAliases(11 * dayMs);
  aliases.forget();
  expect([a, b, c].map(({ entry }) => aliases.resolve(entry))).toEqual([a.entry, d.entry, d.entry]);
});

test("a new shard is told of everybody page by page", () => {
  const count = aliasesPerPage + 1;
  for (let number = 1; number <= count; number++) {
    const own = { entry: (number << 6) | 1, shardHash: number };
    store.putAlias({ ...own, target: 1, targetShardHash: 1, later: null, vagueAt: null, until: null });
  }
  const first = aliases.news(0, 0, 1);
  expect([first.aliases.length, first.seq, first.hasMore]).toEqual([aliasesPerPage, aliasesPerPage, true]);
  const rest = aliases.news(first.seq, 0, 1);
  expect([rest.aliases.length, rest.seq, rest.hasMore]).toEqual([1, count, undefined]);
});

/** The entries of a circle of rows, or none. */
function circle(): number[] {
  for (const { entry } of store.aliasesAfter(0)) {
    const passed = new Set<number>();
    for (let at: Target = entry; at !== null; at = store.getAlias(at)?.target ?? null) {
      if (passed.has(at)) return [...passed];
      passed.add(at);
    }
  }
  return [];
}

test("a chain of 3000 is walked to its end, and a circle that an import once brought is not walked for ever", () => {
  const chain = Array.from({ length: 3000 }, (_, index) => ({
    entry: ((index + 1) << 6) | 1,
    shardHash: index,
  }));
  for (const [index, one] of chain.entries()) {
    const next = chain[index + 1] ?? one;
    store.putAlias({
      ...one,
      target: next.entry,
      targetShardHash: next.shardHash,
      later: null,
      vagueAt: null,
      until: null,
    });
  }
  expect(aliases.resolve(chain[0]?.entry ?? 0)).toBe(chain.at(-1)?.entry);
  // The last one counts as itself, which is a circle too.
  include(chain[0] as UserHash);
  expect(aliases.news(0, 0, 1).aliases).toHaveLength(chain.length);
});

const anyUser = fc.constantFrom(...users);
const anyChange = fc.oneof(
  fc.record({ do: fc.constant("link" as const), from: anyUser, to: anyUser, onlyIfFree: fc.boolean() }),
  fc.record({ do: fc.constantFrom("exclude" as const, "include" as const), user: anyUser }),
);
type Change = typeof anyChange extends fc.Arbitrary<infer One> ? One : never;

function apply(change: Change): number[] {
  if (change.do === "link") return link(change.from, change.to, change.onlyIfFree);
  return change.do === "exclude" ? exclude(change.user) : include(change.user);
}

test("people who are linked while they are free are one person, by another way of joining sets", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyUser, anyUser), { maxLength: 20 }), (links) => {
      store = new MemoryStore();
      aliases = new Aliases(store);
      let groups = users.map(({ entry }) => new Set([entry]));
      const isFree = new Set(users.map(({ entry }) => entry));
      for (const [from, to] of links) {
        link(from, to, true);
        const [ofFrom, ofTo] = [from, to].map(({ entry }) => groups.find((group) => group.has(entry)));
        if (ofFrom === undefined || ofTo === undefined || ofFrom === ofTo || !isFree.has(from.entry))
          continue;
        isFree.delete(from.entry);
        groups = [
          ...groups.filter((group) => group !== ofFrom && group !== ofTo),
          new Set([...ofFrom, ...ofTo]),
        ];
      }
      for (const one of users) {
        const as = users.filter(({ entry }) => aliases.resolve(entry) === aliases.resolve(one.entry));
        const group = groups.find((some) => some.has(one.entry));
        expect(new Set(as.map(({ entry }) => entry))).toEqual(group);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("whoever comes to count as another one is told of, and shards that ask for news count everybody as the roll-up does", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyChange, fc.boolean()), { maxLength: 25 }), (changes) => {
      store = new MemoryStore();
      aliases = new Aliases(store);
      const shards = Array.from({ length: shardsEver }, () => ({
        seq: 0,
        targets: new Map<number, Target>(),
      }));
      const ask = () => {
        for (const [index, shard] of shards.entries()) {
          const news = aliases.news(shard.seq, index, shardsEver);
          for (const { entry, target } of news.aliases) shard.targets.set(entry, target);
          shard.seq = news.seq;
        }
      };
      for (const [change, isAsked] of changes) {
        const before = resolveAll();
        const touched = apply(change);
        const after = resolveAll();
        for (const [index, user] of users.entries()) {
          if (before[index] !== after[index]) expect(touched).toContain(user.shardHash);
        }
        if (change.do === "exclude") expect(aliases.resolve(change.user.entry)).toBeNull();
        if (change.do === "include") expect(aliases.resolve(change.user.entry)).not.toBeNull();
        expect(circle()).toEqual([]);
        if (isAsked) ask();
      }
      ask();
      for (const { entry, shardHash } of users) {
        for (const index of shardsOf(shardHash, shardsEver)) {
          const targets = shards[index]?.targets as Map<number, Target>;
          expect(targets.has(entry) ? targets.get(entry) : entry).toBe(aliases.resolve(entry));
        }
      }
    }),
    { numRuns: 300, seed: 2 },
  );
});
