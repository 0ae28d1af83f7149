import { entryOf, SipHasher } from "../sketch/index.ts";
import { shardsOf } from "./shards-of.ts";
import type { UserHash } from "./user-hash.ts";

/** As whom an entry counts: another entry, or nobody (null). */
export type Target = number | null;

/** One row of the table of aliases. `seq` rises with each change, so that shards can ask for what is new. */
export interface Alias {
  entry: number;
  shardHash: number;
  target: Target;
  targetShardHash: number;
  seq: number;
}

/** Where aliases are stored. */
export interface AliasStore {
  getAlias(entry: number): Alias | null;
  /** Writes a row under the next number. */
  putAlias(alias: Omit<Alias, "seq">): void;
  /** The entries whose target is this one. */
  aliasesTo(target: number): Alias[];
  /** Rows with a higher number, in order. */
  aliasesAfter(seq: number): Alias[];
}

/** A change of aliases that a shard has yet to learn. */
export interface AliasNews {
  /** The number of the newest row there is. */
  seq: number;
  aliases: { entry: number; target: Target }[];
}

/**
 * Who counts as whom, as hashed entries: linked accounts count as their primary, excluded users as nobody.
 *
 * Rows are kept as they were said (a→b, b→c) and followed when asked for, so that links may come in any order.
 */
export class Aliases {
  readonly #store: AliasStore;

  constructor(store: AliasStore) {
    this.#store = store;
  }

  /** As whom an entry counts. */
  resolve(entry: number): Target {
    const { last, isExcluded } = this.#follow({ entry, shardHash: 0 });
    return isExcluded ? null : last.entry;
  }

  /** The entries, beginning with this one, through which it comes to count as another one or as nobody. */
  passed(entry: number): number[] {
    const entries: number[] = [];
    for (let alias = this.#store.getAlias(entry); alias !== null;) {
      entries.push(alias.entry);
      alias = alias.target === null ? null : this.#store.getAlias(alias.target);
    }
    return entries;
  }

  /**
   * From now on `from` counts as `to`. Returns the shardHashes of the users who count as somebody else now.
   * @param onlyIfFree leaves `from` alone where it counts as somebody else already
   */
  link(from: UserHash, to: UserHash, onlyIfFree = false): number[] {
    // Linked the other way round already, perhaps through others: a circle would never come to an end.
    if ([...this.passed(to.entry), this.resolve(to.entry)].includes(from.entry)) return [];
    // Who is excluded stays so.
    if (this.resolve(from.entry) === null) return [];
    const present = this.#store.getAlias(from.entry);
    if (present !== null && present.target !== to.entry && onlyIfFree) return [];
    if (present?.target !== to.entry) {
      this.#store.putAlias({ ...from, target: to.entry, targetShardHash: to.shardHash });
    }
    return this.#touch(from);
  }

  /** From now on `user` counts as nobody. Returns the shardHashes of the users whom that touches. */
  exclude(user: UserHash): number[] {
    const { last, isExcluded } = this.#follow(user);
    if (!isExcluded) this.#store.putAlias({ ...last, target: null, targetShardHash: 0 });
    return this.#touch(last);
  }

  /**
   * From now on `user` counts again. Not as the same entry as before: that one has been taken out of periods, and
   * windows that reach over the exclusion would take it out of the others too.
   */
  include(user: UserHash): number[] {
    const { last, isExcluded } = this.#follow(user);
    if (!isExcluded) return this.#touch(user);
    const fresh = successor(last);
    this.#store.putAlias({ ...last, target: fresh.entry, targetShardHash: fresh.shardHash });
    return this.#touch(last);
  }

  /** What changed after `seq` for one of the shards, each entry with whom it counts as in the end. */
  news(seq: number, shard: number, shardsEver: number): AliasNews {
    const rows = this.#store.aliasesAfter(seq);
    return {
      seq: rows.at(-1)?.seq ?? seq,
      aliases: rows
        .filter(({ shardHash }) => shardsOf(shardHash, shardsEver).includes(shard))
        .map(({ entry }) => ({ entry, target: this.resolve(entry) })),
    };
  }

  /** The last user in the chain that begins at `user`, and whether that one is excluded. */
  #follow(user: UserHash): { last: UserHash; isExcluded: boolean } {
    let last = user;
    for (
      let alias = this.#store.getAlias(last.entry);
      alias !== null;
      alias = this.#store.getAlias(last.entry)
    ) {
      if (alias.target === null) return { last, isExcluded: true };
      last = { entry: alias.target, shardHash: alias.targetShardHash };
    }
    return { last, isExcluded: false };
  }

  /** Renews the rows of all who count through this user, so that their shards learn of it too. */
  #touch(user: UserHash): number[] {
    const shardHashes = [user.shardHash];
    for (const { seq: _, ...alias } of this.#store.aliasesTo(user.entry)) {
      this.#store.putAlias(alias);
      shardHashes.push(...this.#touch(alias));
    }
    return shardHashes;
  }
}

const successorHasher = new SipHasher(new Uint8Array(16));

/** The next entry of the same user: any that is another one and always the same. */
function successor({ entry, shardHash }: UserHash): UserHash {
  const words = new Uint32Array(2);
  successorHasher.hash(`${entry}/${shardHash}`, words);
  return { entry: entryOf(words[0] as number, words[1] as number), shardHash };
}
