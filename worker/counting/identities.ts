import { type Alias, type AliasChange, type AliasNews, Aliases, type AliasStore } from "./aliases.ts";
import type { AppSettings } from "./app-settings.ts";
import { maxAliases } from "../limits.ts";
import {
  type Claim,
  giveBack,
  type MovedDay,
  movePast,
  type Span,
  type StoredSketches,
  takeBack,
} from "./move-past.ts";
import { shardsOf } from "./shards-of.ts";
import type { SketchCache } from "./sketch-cache.ts";
import type { UserHash } from "./user-hash.ts";

/** Where it is stored who counts as whom, and whose past that has moved. */
export interface IdentityStore extends AliasStore, StoredSketches {
  /** Notes a day into which a linked user brought their target. */
  putMoved(entry: number, day: MovedDay): void;
  /** The days that were noted of a linked user. */
  movedDays(entry: number): MovedDay[];
  dropMoved(entry: number, days: readonly MovedDay[]): void;
  /** Users who were linked after an instant without telling when they had been active. */
  vagueAliases(after: number): Alias[];
  countAliases(): number;
  /** Forgets aliases that are of no use any more. */
  dropAliases(now: number): void;
}

/** What came of a change of who counts as whom. */
export interface PastOutcome {
  /** Whether the past is right in every period. Where not, `reason` says why, and what would do. */
  exact: boolean;
  reason?: string;
  /** Why nothing was changed. */
  refused?: string;
}

/** Who counts as whom, as another deployment knew it. */
export type AdoptedAlias = Pick<Alias, "entry" | "shardHash" | "target" | "targetShardHash" | "until">;

const full = `this app has ${maxAliases.all} links and exclusions, the most that are kept: end some of them; those of installations expire by themselves`;

/** Who counts as whom in one app, in the present and in the past. */
export class Identities {
  readonly #store: IdentityStore;
  readonly #cache: SketchCache;
  readonly #settings: AppSettings;
  readonly #aliases: Aliases;
  readonly #onMoved: () => void;

  /** @param onMoved is called when the past has changed */
  constructor(store: IdentityStore, cache: SketchCache, settings: AppSettings, onMoved: () => void) {
    this.#store = store;
    this.#cache = cache;
    this.#settings = settings;
    this.#aliases = new Aliases(store);
    this.#onMoved = onMoved;
  }

  /** Users who were linked after an instant without telling when they had been active: both may be counted before it. */
  vagueSince(at: number): Alias[] {
    return this.#store.vagueAliases(at);
  }

  /** What changed of the aliases since `seq`, for one shard. */
  news(seq: number, shard: number): AliasNews {
    return this.#aliases.news(seq, shard, this.#settings.config().shardsEver);
  }

  /**
   * Changes as whom users count from now on. Returns the shards that have to learn of it before `movePast` is called.
   */
  change(changes: readonly AliasChange[]): number[] {
    const { shardsEver } = this.#settings.config();
    let count = this.#countFor(changes.length);
    const taken = changes.filter((change) => !this.#isFull(change, count++));
    const hashes = this.#aliases.change(taken);
    return [...new Set(hashes.flatMap((shardHash) => shardsOf(shardHash, shardsEver)))];
  }

  /**
   * Brings the past to agree with a change. All of it should have been absorbed, and the shards should have learnt of the
   * change. It may be called again.
   */
  movePast(change: AliasChange, claim: Claim): PastOutcome {
    const outcome = this.#movePast(change, claim);
    this.#onMoved();
    return outcome;
  }

  #movePast(change: AliasChange, claim: Claim): PastOutcome {
    const { user } = change;
    if (change.do === "include" || change.do === "unlink") {
      // What Workers remember of beats that left nothing, or were another's, holds no longer.
      this.#settings.noteInclusion();
      this.#giveBack(user, claim.days ?? []);
      return { exact: true };
    }
    const own = this.#aliases.ownerOfPast(user);
    const target = this.#aliases.resolve(own);
    // Linked the other way round already.
    if (target === own) {
      return this.#isFull(change, this.#countFor(1)) ? { exact: false, refused: full } : { exact: true };
    }
    if (change.do === "link" && target !== null) {
      const stale = this.#store.movedDays(own).filter((day) => day.target !== target);
      takeBack(this.#cache, this.#store, stale);
      this.#store.dropMoved(own, stale);
    }
    const moved = movePast(this.#cache, this.#store, own, target, claim);
    if (change.do === "exclude") return { exact: true };
    if (target === null) {
      return {
        exact: true,
        reason: "the user is excluded: the link is stored, and takes effect once the exclusion ends",
      };
    }
    for (const day of moved.days) this.#store.putMoved(own, day);
    if (moved.isExact) return { exact: true };
    this.#aliases.noteVague(user, claim.at);
    return {
      exact: false,
      reason:
        "large days in the past are unchanged, because it is not known on which of them the user was active: send days, or first and last",
    };
  }

  /**
   * How many aliases there are before some changes; 0 where there is room for all of them. Numbers of rows rise from 1, so that
   * only an app with many has to have them counted.
   */
  #countFor(changes: number): number {
    const hasRoom = this.#store.aliasesAfter(maxAliases.installations - changes, 1).length === 0;
    return hasRoom ? 0 : this.#store.countAliases();
  }

  /** Whether there is no room for what a change adds. What ends a link or an exclusion is taken always. */
  #isFull(change: AliasChange, count: number): boolean {
    const isOfInstallation = change.do === "link" && change.onlyIfFree;
    const adds = change.do === "link" || change.do === "exclude";
    const most = isOfInstallation ? maxAliases.installations : maxAliases.all;
    return adds && count >= most && this.#store.getAlias(change.user.entry) === null;
  }

  /** Lets go of aliases of which nothing is kept any more. */
  expire(now: number): void {
    this.#store.dropAliases(now);
    this.#aliases.forget();
  }

  /** Somebody who counts on their own again gets days back that are named, and nobody else has them any more. */
  #giveBack(user: UserHash, days: readonly Span[]): void {
    const now = this.#aliases.resolve(user.entry);
    if (days.length === 0 || now === null) return;
    for (const before of this.#aliases.formerEntries(user)) {
      const ended = this.#store
        .movedDays(before)
        .filter(
          ({ start, target }) => target !== now && days.some(({ from, to }) => from <= start && start < to),
        );
      takeBack(this.#cache, this.#store, ended);
      this.#store.dropMoved(before, ended);
      giveBack(this.#cache, this.#store, before, now, days);
    }
  }

  /**
   * Takes over who counts as whom where the app was before. What is known here goes first: it may be newer. Returns in words
   * why there is no room for all of them, or null.
   */
  adopt(aliases: readonly AdoptedAlias[]): string | null {
    let count = this.#countFor(aliases.length);
    for (const { entry, shardHash, target, targetShardHash, until } of aliases) {
      const user = { entry, shardHash };
      if (this.#store.getAlias(entry) !== null) continue;
      const to = { entry: target ?? 0, shardHash: targetShardHash };
      const change: AliasChange =
        target === null
          ? { do: "exclude", user }
          : { do: "link", user, to, onlyIfFree: false, ...(until !== null && { until }) };
      if (this.#isFull(change, count)) return full;
      this.#aliases.change([change]);
      count++;
    }
    return null;
  }

  /** Lets go of what is in memory: what was written could not be kept. */
  forget(): void {
    this.#aliases.forget();
  }
}
