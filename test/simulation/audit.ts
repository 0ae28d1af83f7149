import { decode, encode, HyperLogLog } from "../../worker/sketch/index.ts";
import type { Expected, Ledger } from "./ledger.ts";
import type { Objects } from "./objects.ts";

/** What the roll-up holds of a period and series, against what it should. Returns complaints in words. */
export function audit(objects: Objects, ledger: Ledger, keyId: number): string[] {
  const disk = objects.rollup();
  const sketches = new Map(
    disk
      .look("SELECT kind, series, start, sketch FROM sketch")
      .map(({ kind, series, start, sketch }) => [
        `${String(kind)}/${String(start)}/${String(series)}`,
        decode(new Uint8Array(sketch as Uint8Array)),
      ]),
  );
  const entries = new Map(Array.from(ledger.people(), (person) => [person, ledger.entryOf(person)]));
  for (const { entry, target } of disk.look("SELECT entry, target FROM alias")) {
    const [person] = [...entries].find(([, known]) => known === entry) ?? [];
    const isKnown = [...entries.values()].includes(target as number);
    if (person !== undefined && target !== null && !isKnown) entries.set(`again ${person}`, target as number);
  }
  const complaints: string[] = [];
  const expected = new Map(ledger.expected().map((period) => [keyOf(period), period]));
  for (const key of new Set([...expected.keys(), ...sketches.keys()])) {
    const [, , series = ""] = key.split("/");
    if (series.startsWith("-") || /^(cohort|week)=/.test(series)) continue;
    const [added, removed] = [sketches.get(key), sketches.get(removedKey(key))];
    const { must = new Set<string>(), may = new Set<string>() } = expected.get(key) ?? {};
    complaints.push(...compare(key, { added, removed }, { must, may }, entries, keyId));
  }
  const hasActivity = disk.look("SELECT 1 FROM sketch WHERE kind = 'day' AND series = ''").length > 0;
  if (hasActivity && objects.listed().length === 0) complaints.push("the app is in no list");
  return complaints;
}

function compare(
  key: string,
  { added, removed }: { added: HyperLogLog | undefined; removed: HyperLogLog | undefined },
  { must, may }: Pick<Expected, "must" | "may">,
  entries: ReadonlyMap<string, number>,
  keyId: number,
): string[] {
  const holds = (sketch: HyperLogLog | undefined, person: string) =>
    sketch?.mayHold(entries.get(person) ?? 0) ?? false;
  const inAdded = [...entries.keys()].filter((person) => holds(added, person));
  const inRemoved = [...entries.keys()].filter((person) => holds(removed, person));
  const complaints = [
    ...inRemoved
      .filter((person) => !inAdded.includes(person))
      .map((person) => `${person} removed, not added`),
    ...[...must]
      .filter((person) => !inAdded.includes(person) || inRemoved.includes(person))
      .map((person) => `${person} is missing`),
    ...inAdded
      .filter((person) => !inRemoved.includes(person) && !may.has(person))
      .map((person) => `${person} is claimed`),
  ];
  // Register for register: nothing is in a sketch but the people that were found in it.
  for (const [name, sketch, people] of [
    ["added", added, inAdded],
    ["removed", removed, inRemoved],
  ] as const) {
    if (sketch === undefined) continue;
    const same = new HyperLogLog(keyId);
    for (const person of people) same.add(entries.get(person) ?? 0);
    if (String(encode(same)) !== String(encode(sketch))) complaints.push(`${name} holds registers of nobody`);
  }
  return complaints.map((complaint) => `${key}: ${complaint}`);
}

function keyOf({ kind, start, series }: Expected): string {
  return `${kind}/${start}/${series}`;
}

function removedKey(key: string): string {
  const [kind, start, ...series] = key.split("/");
  return `${kind}/${start}/-${series.join("/")}`;
}
