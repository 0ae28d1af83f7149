import type { Beat } from "../../sdk/wire.ts";
import { Calendar } from "../../worker/counting/calendar.ts";
import { draw, pick } from "./draw.ts";

/** Somebody invented. Days are counted from the first day of the demo's history; who is older has a day below 0. */
export interface Person {
  number: number;
  signUpDay: number;
  /** The day from which on they don't come any more. */
  leavesDay: number;
  /** How likely they come on a plain working day. */
  keenness: number;
  platform: string;
  tenant: string;
  /** Until when they used an account that was linked to theirs later, or null. */
  guestUntilDay: number | null;
}

/** Two accounts of one person, and the days (`YYYY-MM-DD`) on which the first was used. */
export interface AccountLink {
  from: string;
  to: string;
  days: string[];
}

const dayMs = 86_400_000;
const founders = 9000;
const founderDays = 400;
/** What each number is drawn for. */
const purpose = { sort: 1, life: 2, platform: 3, tenant: 4, visit: 5, visits: 6, hour: 7, sign: 8, guest: 9 };

/** How many come on a day of the week, from Sunday: an app for work. */
const weekRhythm = [0.44, 1, 1.06, 1.08, 1.02, 0.88, 0.48];

/** When in the day they come: hours, and how many. */
const dayRhythm = [
  [0, 2],
  [6, 3],
  [8, 9],
  [9, 14],
  [10, 13],
  [11, 10],
  [12, 7],
  [13, 9],
  [14, 12],
  [15, 11],
  [16, 9],
  [17, 6],
  [19, 5],
  [20, 6],
  [21, 5],
  [22, 3],
] as const;

/** Sorts of people: how many, how keen, and for how many days on average. */
const sorts: readonly (readonly [{ keenness: number; stayDays: number }, number])[] = [
  [{ keenness: 0.8, stayDays: 420 }, 13],
  [{ keenness: 0.34, stayDays: 190 }, 30],
  [{ keenness: 0.1, stayDays: 120 }, 25],
  [{ keenness: 0.3, stayDays: 5 }, 32],
];

/**
 * An invented app's people: a few thousand who are there already, more every day, some of whom stay. The same for the
 * same first day, however far it is asked.
 */
export class Population {
  readonly #calendar: Calendar;
  readonly #firstDay: string;
  readonly #people: Person[] = [];
  #signedUpThrough = -1;

  /**
   * @param firstDay of the history, `YYYY-MM-DD`
   * @param zone IANA name
   */
  constructor(firstDay: string, zone: string) {
    this.#firstDay = firstDay;
    this.#calendar = new Calendar([{ from: 0, zone }]);
    for (let number = 0; number < founders; number++) {
      const signUpDay = -1 - Math.floor(draw(number, purpose.sign) ** 1.3 * founderDays);
      this.#people.push(person(number, signUpDay));
    }
  }

  /** The day in which an instant lies. */
  dayAt(at: number): number {
    return Math.round((Date.parse(this.#calendar.dateAt(at)) - Date.parse(this.#firstDay)) / dayMs);
  }

  /** When a day begins and ends, Unix milliseconds. */
  boundsOf(day: number): { from: number; to: number } {
    return this.#calendar.calendarPeriod("day", this.dateOf(day));
  }

  dateOf(day: number): string {
    return new Date(Date.parse(this.#firstDay) + day * dayMs).toISOString().slice(0, 10);
  }

  /** Everybody who has signed up by a day. */
  peopleBy(day: number): readonly Person[] {
    while (this.#signedUpThrough < day) {
      const next = ++this.#signedUpThrough;
      const some = (95 + next * 1.1) * this.#weekday(next) * (0.85 + 0.3 * draw(next, purpose.sign));
      for (let more = Math.round(some); more > 0; more--)
        this.#people.push(person(this.#people.length, next));
    }
    return this.#people;
  }

  /** Somebody who signs up on a day besides those who do by themselves. `number` is to be theirs alone. */
  personAt(number: number, signUpDay: number): Person {
    return { ...person(number, signUpDay), guestUntilDay: null };
  }

  /** Those who come on a day. */
  comersOf(day: number): Person[] {
    return this.peopleBy(day).filter((one) => this.#comes(one, day));
  }

  /** The beats of a day that lie from `from` to before `to`, Unix milliseconds. */
  beatsOf(day: number, from: number, to: number): Beat[] {
    const bounds = this.boundsOf(day);
    const beats: Beat[] = [];
    for (const one of this.comersOf(day)) {
      const times = 1 + Math.floor(2.2 * draw(one.number, day, purpose.visits) ** 2);
      for (let nth = 0; nth < times; nth++) {
        const at = bounds.from + timeOfDay(one.number, day, nth);
        if (at >= Math.max(from, bounds.from) && at < Math.min(to, bounds.to))
          beats.push(this.#beat(one, day, at));
      }
    }
    return beats;
  }

  /** What a beat says of somebody. */
  aboutOf({ signUpDay, platform, tenant }: Person) {
    return { since: this.dateOf(signUpDay), dimensions: { platform, tenant } };
  }

  /** Those who linked two accounts on a day, with the days of the first since the history began. */
  linksOf(day: number): AccountLink[] {
    return this.peopleBy(day)
      .filter((one) => one.guestUntilDay === day)
      .map((one) => ({
        from: guestOf(one),
        to: userOf(one),
        days: Array.from(
          { length: day - Math.max(0, one.signUpDay) },
          (_, index) => Math.max(0, one.signUpDay) + index,
        )
          .filter((before) => this.#comes(one, before))
          .map((before) => this.dateOf(before)),
      }));
  }

  #comes(one: Person, day: number): boolean {
    if (day < one.signUpDay || day >= one.leavesDay) return false;
    if (day === one.signUpDay) return true;
    return draw(one.number, day, purpose.visit) < one.keenness * this.#weekday(day);
  }

  #beat(one: Person, day: number, at: number): Beat {
    const isGuest = one.guestUntilDay !== null && day < one.guestUntilDay;
    return { user: isGuest ? guestOf(one) : userOf(one), at, ...this.aboutOf(one) };
  }

  #weekday(day: number): number {
    return weekRhythm[new Date(`${this.dateOf(day)}T12:00:00Z`).getUTCDay()] ?? 1;
  }
}

export function userOf({ number }: Person): string {
  return `user-${number}`;
}

function guestOf({ number }: Person): string {
  return `guest-${number}`;
}

function person(number: number, signUpDay: number): Person {
  const { keenness, stayDays } = pick(sorts, draw(number, purpose.sort));
  const stays = Math.ceil(-Math.log(1 - draw(number, purpose.life)) * stayDays);
  // Phones win, and the smallest tenant grows fastest.
  const age = Math.min(1, Math.max(0, (signUpDay + founderDays) / (founderDays + 60)));
  const guestUntilDay = signUpDay >= 0 && draw(number, purpose.guest) < 0.005 ? signUpDay + 6 : null;
  return {
    number,
    signUpDay,
    leavesDay: signUpDay + stays,
    keenness: keenness * (0.7 + 0.6 * draw(number, purpose.visit)),
    platform: pick(
      [
        ["web", 60 - 18 * age],
        ["ios", 22 + 12 * age],
        ["android", 18 + 6 * age],
      ],
      draw(number, purpose.platform),
    ),
    tenant: pick(
      [
        ["acme", 40 - 8 * age],
        ["borealis", 26 - 4 * age],
        ["cedar", 18],
        ["dune", 12 - 2 * age],
        ["ember", 3 + 15 * age],
      ],
      draw(number, purpose.tenant),
    ),
    guestUntilDay,
  };
}

/** Milliseconds after midnight. */
function timeOfDay(number: number, day: number, nth: number): number {
  const hour = pick(dayRhythm, draw(number, day, nth, purpose.hour));
  return Math.floor((hour + draw(nth, day, number, purpose.hour)) * 3_600_000);
}
