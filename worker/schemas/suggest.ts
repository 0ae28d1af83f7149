/** What a developer may mean by a name that isn't known, by the words in it. The first that fits and is known is taken. */
const meanings: readonly [pattern: RegExp, meant: readonly string[]][] = [
  [/first|signup|signedup|regist|joined|cohort/, ["since"]],
  [/created/, ["at", "since"]],
  [/time|stamp|date|^ts$|^day$|^when$|at$|lastseen|lastactive|occurred/, ["at"]],
  [/anon|device|install|visitor|client|session|browserid/, ["anonymous"]],
  [/user|member|account|customer|person|people|subject|email|login|^u?u?id$|^sub$/, ["user"]],
  [/^dim|prop|trait|attribute|^tags?$|label|meta/, ["dimensions"]],
];

/** Edits at which one name may still be a slip of another. */
const maxSlip = 2;

/** The names among those that are known that may have been meant by another; none where nothing comes near. */
export function suggest(name: string, known: readonly string[]): string[] {
  const bare = bareOf(name);
  const same = known.find((each) => bareOf(each) === bare);
  if (same !== undefined) return [same];
  const [nearest] = known
    .map((each) => ({ each, slip: editDistance(bareOf(each), bare) }))
    .filter(({ each, slip }) => slip <= Math.min(maxSlip, Math.floor(each.length / 2)))
    .toSorted((a, b) => a.slip - b.slip);
  if (nearest !== undefined) return [nearest.each];
  const [, meant = []] = meanings.find(([pattern]) => pattern.test(bare)) ?? [];
  return meant.filter((each) => known.includes(each));
}

/** Whether a name can be repeated: it has the form of the names that are known, so it is hardly somebody's id. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9_]{0,31}$/.test(name);
}

/** Says that a member, a column or the like isn't known, and what may have been meant. */
export function unknownName(name: string, known: readonly string[], kind = "member"): string {
  if (!isPlainName(name)) return `unknown ${kind}: expected ${known.join(", ")}`;
  const meant = suggest(name, known);
  return meant.length > 0
    ? `${name}: unknown; did you mean ${meant.join(" or ")}?`
    : `${name}: unknown: expected ${known.join(", ")}`;
}

/** Without case and without what joins words. */
function bareOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Letters that have to be put in, left out or replaced to make one text of another (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(replaced, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}
