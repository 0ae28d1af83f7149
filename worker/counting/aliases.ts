import { aliasesPerPage, dayMs } from "../limits.ts";
import { entryOf, SipHasher } from "../sketch/index.ts";
import { shardsOf } from "./shards-of.ts";
import type { UserHash } from "./user-hash.ts";

/** As whom an entry counts: another entry, or nobody (null). */
export type Target = number | null;

/** One row of the table of aliases. `seq` rises with each change, so that shards can ask for what is new. */
export interface Alias extends UserHash {
  target: Target;
  targetShardHash: number;
  seq: number;
  /** Of somebody excluded: as whom they count once the exclusion ends, or null. */
  later: UserHash | null;
  /** When it was linked without telling when it had been active, Unix milliseconds, or null. */
  vagueAt: number | null;
  /** Of an installation: when nothing is kept any more that could hold it, Unix milliseconds; null is for good. */
  until: number | null;
}

/** Where aliases are stored. */
export interface AliasStore {
  getAlias(entry: number): Alias | null;
  /** Writes a row under the next number. */
  putAlias(alias: Omit<Alias, "seq">): void;
  /** The entries whose target is this one. */
  aliasesTo(target: number): Alias[];
  /** Rows with a higher number, in order, as many as there are or at most `limit`. */
  aliasesAfter(seq: number, limit?: number): Alias[];
}

/** A change of aliases that a shard has yet to learn. */
export interface AliasNews {
  /** The number of the newest row there is. */
  seq: number;
  aliases: { entry: number; target: Target; until?: number | null }[];
  /** Whether there are more after these. */
  hasMore?: boolean;
}

/** A change of who counts as whom: as another user, as nobody, or again as themselves. */
export type AliasChange =
  /**
   * `onlyIfFree` leaves the user alone where they count as somebody else already; `until` is when the link is of no use any more,
   * Unix milliseconds.
   */
  | { do: "link"; user: UserHash; to: UserHash; onlyIfFree: boolean; until?: number }
  /** `to` is whom the link to be ended names; null ends any. */
  | { do: "unlink"; user: UserHash; to: UserHash | null }
  | { do: "exclude" | "include"; user: UserHash };

/**
 * Who counts as whom, as hashed entries: linked accounts count as their primary, excluded users as nobody.
 *
 * Rows are kept as they were said (a→b, b→c) and followed when asked for, so that links may come in any order. Rows
 * make no circle; nevertheless nothing here follows one for ever.
 */
export class Aliases {
  readonly #store: AliasStore;
  /** Rows that were read or written of late. */
  readonly #rows = new Map<number, Alias | null>();

  constructor(store: AliasStore) {
    this.#store = store;
  }

  /** As whom an entry counts. */
  resolve(entry: number): Target {
    const { last, isExcluded } = this.#follow({ entry, shardHash: 0 });
    return isExcluded ? null : last.entry;
  }

  /**
   * The entry under which a user's own past lies: their own, or that of whoever they count as where that one is
   * excluded, since an exclusion is of the person.
   */
  ownerOfPast(user: UserHash): number {
    const { last, isExcluded } = this.#follow(user);
    return isExcluded ? last.entry : this.#renewed(user).entry;
  }

  /** The entries under which a user was counted before and no longer is, newest last. */
  formerEntries(user: UserHash): number[] {
    const entries: number[] = [];
    for (let own = user; this.#row(own.entry) !== null && entries.length < maxRenewals;) {
      entries.push(own.entry);
      own = successor(own);
    }
    return entries;
  }

  /** Carries out changes, in order. Returns the shard hashes of all users whom they touch. */
  change(changes: readonly AliasChange[]): number[] {
    const changed = changes.flatMap((change) => [change.user, ...this.#change(change)]);
    return this.#touch(changed);
  }

  /** Lets go of what is in memory: what was written could not be kept. */
  forget(): void {
    this.#rows.clear();
  }

  /** Carries out a change. Returns the users who count as somebody else now, without those who count through them. */
  #change(change: AliasChange): UserHash[] {
    switch (change.do) {
      case "link":
        return this.#link(change.user, change.to, change.onlyIfFree, change.until ?? null);
      case "unlink":
        return this.#unlink(change.user, change.to);
      case "exclude":
        return this.#exclude(change.user);
      case "include":
        return this.#include(change.user);
    }
  }

  /** Notes that nobody said when a linked user had been active. */
  noteVague(user: UserHash, at: number): void {
    const row = this.#row(this.#renewed(user).entry);
    if (row !== null && row.vagueAt === null) this.#write({ ...row, vagueAt: at });
  }

  /** What changed after `seq` for one of the shards, as much as goes into one answer, each entry with whom it counts as in the end. */
  news(seq: number, shard: number, shardsEver: number): AliasNews {
    const rows = this.#store.aliasesAfter(seq, aliasesPerPage);
    const ends = new Map<number, Target>();
    return {
      seq: rows.at(-1)?.seq ?? seq,
      ...(rows.length === aliasesPerPage && { hasMore: true }),
      aliases: rows
        .filter(({ shardHash }) => shardsOf(shardHash, shardsEver).includes(shard))
        .map(({ entry, until }) => ({
          entry,
          target: this.#endOf(entry, ends),
          ...(until !== null && { until }),
        })),
    };
  }

  #link(user: UserHash, to: UserHash, onlyIfFree: boolean, until: number | null): UserHash[] {
    const from = this.#renewed(user);
    // Linked the other way round already.
    if (this.#chain(to).some(({ entry }) => entry === from.entry)) return [];
    const present = this.#row(from.entry);
    const isHeld = present !== null && present.target !== to.entry;
    if (isHeld && onlyIfFree) return [];
    if (isHeld && this.#follow(from).isExcluded) {
      // Who is excluded stays so; the link is remembered for when that ends.
      this.#write({ ...present, later: to });
      return [];
    }
    if (present?.target !== to.entry) this.#put(from, to, until);
    else if (isLater(until, present.until)) this.#write({ ...present, until });
    return [from];
  }

  #unlink(user: UserHash, to: UserHash | null): UserHash[] {
    const from = this.#renewed(user);
    const present = this.#row(from.entry);
    if (present === null || (to !== null && ![present.target, present.later?.entry].includes(to.entry)))
      return [];
    if (present.target === null) this.#write({ ...present, later: null });
    else this.#put(from, successor(from));
    return [from];
  }

  #exclude(user: UserHash): UserHash[] {
    const { last, isExcluded } = this.#follow(user);
    if (!isExcluded) this.#put(last, null);
    return [last];
  }

  /**
   * From now on the user counts again. Not as the same entry as before: that one has been taken out of periods, and
   * windows that reach over the exclusion would take it out of the others too.
   */
  #include(user: UserHash): UserHash[] {
    const changed = [user];
    // A link that was remembered may lead to somebody who is excluded as well: they are one person.
    for (
      let { last, isExcluded } = this.#follow(user);
      isExcluded;
      { last, isExcluded } = this.#follow(user)
    ) {
      this.#put(last, this.#laterOf(last) ?? successor(last));
      changed.push(last);
      for (const passed of this.#chain(user)) {
        const later = this.#laterOf(passed);
        if (later === null) continue;
        this.#put(passed, later);
        changed.push(passed);
      }
    }
    return changed;
  }

  /** As whom somebody is to count once their exclusion ends; nobody who was linked to them meanwhile: that is said already. */
  #laterOf(user: UserHash): UserHash | null {
    const later = this.#row(user.entry)?.later ?? null;
    return later !== null && this.#chain(later).some(({ entry }) => entry === user.entry) ? null : later;
  }

  #put(user: UserHash, to: UserHash | null, until: number | null = null): void {
    this.#write({
      ...user,
      target: to?.entry ?? null,
      targetShardHash: to?.shardHash ?? 0,
      later: null,
      vagueAt: null,
      until,
    });
  }

  /** The user, or the newest of the entries that they were given in place of their first. */
  #renewed(user: UserHash): UserHash {
    let own = user;
    for (let next = successor(own); this.#row(own.entry)?.target === next.entry; next = successor(own)) {
      own = next;
    }
    return own;
  }

  /** The users, beginning with this one, through which it comes to count as another one or as nobody. */
  #chain(user: UserHash): UserHash[] {
    const chain = [user];
    const seen = new Set([user.entry]);
    for (let row = this.#row(user.entry); row !== null && row.target !== null;) {
      if (seen.has(row.target)) break;
      seen.add(row.target);
      chain.push({ entry: row.target, shardHash: row.targetShardHash });
      row = this.#row(row.target);
    }
    return chain;
  }

  /** The last user in the chain that begins at `user`, and whether that one is excluded. */
  #follow(user: UserHash): { last: UserHash; isExcluded: boolean } {
    const last = this.#chain(user).at(-1) ?? user;
    return { last, isExcluded: this.#row(last.entry)?.target === null };
  }

  /** As `resolve`, but what was found on the way is known from then on: a long chain is walked once. */
  #endOf(entry: number, ends: Map<number, Target>): Target {
    const walked = new Set<number>();
    let at: Target = entry;
    while (at !== null && !ends.has(at) && !walked.has(at)) {
      walked.add(at);
      const row = this.#row(at);
      if (row === null) break;
      at = row.target;
    }
    // Null is an end as well: of somebody excluded.
    const known = at === null ? null : ends.get(at);
    const end = known === undefined ? at : known;
    for (const passed of walked) ends.set(passed, end);
    return end;
  }

  /** Renews the rows of all who count through these users, so that their shards learn of it too. */
  #touch(users: readonly UserHash[]): number[] {
    const touched = new Map(users.map(({ entry, shardHash }) => [entry, shardHash]));
    const renewed = new Set<number>();
    for (const [entry] of touched) {
      for (const { seq: _, ...alias } of this.#store.aliasesTo(entry)) {
        if (renewed.has(alias.entry)) continue;
        renewed.add(alias.entry);
        this.#write(alias);
        touched.set(alias.entry, alias.shardHash);
      }
    }
    return [...touched.values()];
  }

  #row(entry: number): Alias | null {
    let row = this.#rows.get(entry);
    if (row === undefined) {
      row = this.#store.getAlias(entry);
      if (this.#rows.size >= maxRememberedRows) this.#rows.clear();
      this.#rows.set(entry, row);
    }
    return row;
  }

  #write(alias: Omit<Alias, "seq">): void {
    this.#rows.delete(alias.entry);
    this.#store.putAlias(alias);
  }
}

/** Whether a link holds on for longer, by more than is worth a row. */
function isLater(until: number | null, before: number | null): boolean {
  return before !== null && (until === null || until > before + dayMs);
}

/** Rows that are kept in memory, some 200 bytes each. */
const maxRememberedRows = 20_000;

/** How often somebody is unlinked or included again before their oldest entries are let go. */
const maxRenewals = 100;

const successorHasher = new SipHasher(new Uint8Array(16));

/** The next entry of the same user: any that is another one and always the same. */
function successor({ entry, shardHash }: UserHash): UserHash {
  const words = new Uint32Array(2);
  successorHasher.hash(`${entry}/${shardHash}`, words);
  return { entry: entryOf(words[0] as number, words[1] as number), shardHash };
}
