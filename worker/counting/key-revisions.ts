import { ok, refused, type Result } from "../result.ts";
import { type Role, roles } from "../roles.ts";

/** For each role the revision below which its keys are retired. It only ever rises. */
export type KeyRevisions = Record<Role, number>;

/** What is asked of revisions: some by their role, and all others at once. */
export interface RevisionChange {
  keyRevisions?: Partial<KeyRevisions>;
  keyRevision?: number;
}

/** One revision for every role. */
export function forEveryRole(revision: number): KeyRevisions {
  return { pub: revision, read: revision, secret: revision, share: revision };
}

/** The revision below which keys of any role are retired. */
export function lowestRevision(revisions: KeyRevisions): number {
  return Math.min(...Object.values(revisions));
}

/**
 * The revisions after a change. They rise by one at a time: there are a million, and a slip of the hand must not leave an app
 * without any.
 */
export function raised(before: KeyRevisions, change: RevisionChange): Result<KeyRevisions> {
  const after = { ...before };
  const lowest = lowestRevision(before);
  const { keyRevision: all, keyRevisions: some = {} } = change;
  for (const role of roles) {
    const name = some[role] === undefined ? "keyRevision" : `keyRevisions.${role}`;
    const asked = some[role] ?? Math.max(all ?? 0, before[role]);
    const least = some[role] === undefined ? lowest : before[role];
    if ((some[role] ?? all ?? least) < least) {
      return refused(`${name}: expected ${least} or more: a retired key stays retired`);
    }
    if (asked > before[role] + 1) {
      return refused(
        `${name}: expected at most ${before[role] + 1} for ${role}: a revision rises by one at a time`,
      );
    }
    after[role] = asked;
  }
  return ok(after);
}

/**
 * The revisions after an import: whatever was retired there or here stays so. A file can't retire what imports it, or an app could
 * be left without keys by a single line.
 *
 * @param shown the revision of the key with which it is imported
 */
export function united(before: KeyRevisions, change: RevisionChange, shown: number): Result<KeyRevisions> {
  const after = { ...before };
  for (const role of roles) {
    const asked = change.keyRevisions?.[role] ?? change.keyRevision ?? 0;
    after[role] = Math.max(before[role], asked);
    if (after[role] > Math.max(shown, before[role])) {
      return refused(
        `keyRevisions.${role}: the export has revision ${asked}: import it with a secret key of that revision or a later one`,
      );
    }
  }
  return ok(after);
}
