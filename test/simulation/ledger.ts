import { settingsTtlMs } from "../../worker/limits.ts";
import type { UserHasher } from "../../worker/ingest/user-hasher.ts";

/** A beat as it is sent. */
export interface SentBeat {
  user?: string | undefined;
  anonymous?: string | undefined;
  at?: number | undefined;
  dimensions?: Record<string, string> | undefined;
}

interface Beat {
  person: string;
  at: number;
  platform: string | undefined;
  /** By the clock of the Worker that took it. */
  takenBy: number;
  offeredAt: number;
  acknowledgedAt: number | null;
}

interface Span {
  from: number;
  /** When it was acknowledged; until then it may or may not have happened. */
  to: number | null;
}

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

/** Whom a period must hold, and whom it may hold. */
export interface Expected {
  kind: "slot" | "hour" | "day";
  start: number;
  series: string;
  must: Set<string>;
  may: Set<string>;
}

/**
 * What an onlooker knows who sees every beat, every link and every acknowledgement, and keeps lists of who they are. It
 * shares nothing with the service but the hash.
 */
export class Ledger {
  readonly beats: Beat[] = [];
  readonly #hasher: UserHasher;
  readonly #links = new Map<string, { to: string; span: Span }[]>();
  readonly #exclusions = new Map<string, { exclude: Span; include: Span | null }>();
  #zoneOffsetMs = 0;

  constructor(hasher: UserHasher) {
    this.#hasher = hasher;
  }

  /** Days are cut at this distance from UTC; the zones of these tests have no summer time. */
  cutDaysAt(offsetMs: number): void {
    this.#zoneOffsetMs = offsetMs;
  }

  /** Beats reach a Worker. */
  offer(beats: readonly SentBeat[], takenBy: number, offeredAt: number, maxAgeMs: number): (Beat | null)[] {
    return beats.map(({ user, anonymous, at = takenBy, dimensions }) => {
      if (at < takenBy - maxAgeMs || at > takenBy + 5 * minuteMs) return null;
      const person = user === undefined ? `anonymous ${anonymous}` : `user ${user}`;
      const beat = {
        person,
        at,
        platform: dimensions?.["platform"],
        takenBy,
        offeredAt,
        acknowledgedAt: null,
      };
      this.beats.push(beat);
      return beat;
    });
  }

  acknowledge(beats: readonly (Beat | null)[], at: number): void {
    for (const beat of beats) if (beat !== null) beat.acknowledgedAt ??= at;
  }

  /** Beats that certainly left nothing. */
  withdraw(beats: readonly (Beat | null)[]): void {
    for (const beat of beats) if (beat !== null) this.beats.splice(this.beats.indexOf(beat), 1);
  }

  /** A link is asked for; the answer is to be called once it is acknowledged. */
  linking(from: string, to: string, at: number): () => void {
    const links = this.#links.get(from) ?? [];
    this.#links.set(from, links);
    let link = links.find((known) => known.to === to);
    if (link === undefined) {
      link = { to, span: { from: at, to: null } };
      links.push(link);
    }
    const { span } = link;
    return () => {
      span.to ??= at;
    };
  }

  excluding(person: string, at: number): (now: number) => void {
    const exclusion = { exclude: { from: at, to: null } as Span, include: null };
    this.#exclusions.set(person, exclusion);
    return (now) => {
      exclusion.exclude.to = now;
    };
  }

  including(person: string, at: number): (now: number) => void {
    const include: Span = { from: at, to: null };
    const exclusion = this.#exclusions.get(person);
    if (exclusion !== undefined) exclusion.include = include;
    return (now) => {
      include.to = now;
    };
  }

  /** The entry of a person, as the service hashes them. */
  entryOf(person: string): number {
    const [space, ...id] = person.split(" ") as ["user" | "anonymous", string];
    return this.#hasher.hash(space, id.join(" ")).entry;
  }

  /**
   * Whether a beat of that person in that hour was acknowledged, or within the minute after: what is said without a
   * time counts from when it arrives.
   */
  hasHour(person: string, hour: number): boolean {
    const [from, to] = [hour * hourMs, (hour + 1) * hourMs + minuteMs];
    return this.beats.some(
      (beat) => beat.person === person && beat.acknowledgedAt !== null && beat.at >= from && beat.at < to,
    );
  }

  /** Everybody who was ever named. */
  people(): Set<string> {
    const linked = [...this.#links].flatMap(([from, links]) => [from, ...links.map(({ to }) => to)]);
    return new Set([...this.beats.map(({ person }) => person), ...linked]);
  }

  /** Who is in which period in the end. Somebody who counts again after an exclusion is "again NAME". */
  expected(): Expected[] {
    const all = new Map<string, Expected>();
    for (const beat of this.beats) {
      const persons = this.#countsAs(beat);
      for (const { kind, start, series } of this.#places(beat)) {
        const key = `${kind}/${start}/${series}`;
        const held = all.get(key) ?? { kind, start, series, must: new Set(), may: new Set() };
        all.set(key, held);
        for (const person of persons) if (person !== null) held.may.add(person);
        const [only = null] = persons;
        if (persons.length === 1 && only !== null && beat.acknowledgedAt !== null) held.must.add(only);
      }
    }
    return [...all.values()];
  }

  #places({ at, platform, takenBy }: Beat): Pick<Expected, "kind" | "start" | "series">[] {
    const day = Math.floor((at + this.#zoneOffsetMs) / dayMs) * dayMs - this.#zoneOffsetMs;
    const places: Pick<Expected, "kind" | "start" | "series">[] = [];
    for (const series of platform === undefined ? [""] : ["", `platform=${platform}`]) {
      const [slotReach, hourReach] = series === "" ? [50 * hourMs, 32 * dayMs] : [3 * hourMs, 8 * dayMs];
      places.push({ kind: "day", start: day, series });
      // A period is kept as a whole until its end is out of reach.
      const hour = Math.floor(at / hourMs) * hourMs;
      if (takenBy - (hour + hourMs) <= hourReach) places.push({ kind: "hour", start: hour, series });
      const slot = Math.floor(at / (5 * minuteMs)) * 5 * minuteMs;
      if (takenBy - (slot + 5 * minuteMs) <= slotReach) places.push({ kind: "slot", start: slot, series });
    }
    return places;
  }

  /** As whom a beat may count in the end: several where it depends on what nobody was told, null for nobody. */
  #countsAs(beat: Beat): (string | null)[] {
    let persons = [beat.person];
    for (let links = this.#linksOf(persons); links.length > 0; links = this.#linksOf(persons)) {
      const isSure = links.length === 1 && links[0]?.span.to !== null;
      const next = [...new Set([...(isSure ? [] : persons), ...links.map(({ to }) => to)])];
      if (next.length === persons.length && next.every((person) => persons.includes(person))) break;
      persons = next;
    }
    return [...new Set(persons.flatMap((person) => this.#afterExclusion(person, beat)))];
  }

  #linksOf(persons: readonly string[]) {
    return persons.flatMap((person) => this.#links.get(person) ?? []);
  }

  #afterExclusion(person: string, { offeredAt, acknowledgedAt }: Beat): (string | null)[] {
    const known = this.#exclusions.get(person);
    if (known === undefined) return [person];
    const { exclude, include } = known;
    if (exclude.to === null) return [person, null, `again ${person}`];
    if (include === null) return [null];
    if (acknowledgedAt !== null && acknowledgedAt < include.from) return [null];
    if (include.to !== null && offeredAt > include.to + settingsTtlMs) return [`again ${person}`];
    return [null, `again ${person}`];
  }
}
