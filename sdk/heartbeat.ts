import { shiftDays } from "./active-days.ts";
import type { Credentials } from "./credentials.ts";
import { explainAnswer, explainProblem, explainSetup, explainSilence } from "./explain.ts";
import { newAnonymousId, shortHash } from "./identity.ts";
import {
  backOffGrowth,
  beatCharacters,
  firstBackOffMs,
  maxBackOffMs,
  maxBodyCharacters,
  maxWaitMs,
  mostSlots,
  slotSeconds,
  spreadMs,
  tabSpreadMs,
  timeoutMs,
} from "./limits.ts";
import { noteUnsent } from "./offline-hours.ts";
import type { Headcount, Lifecycle, Options } from "./options.ts";
import { outsideZones } from "./outside-zones.ts";
import { pageLifecycle } from "./page-lifecycle.ts";
import { agrees, mayCount } from "./permission.ts";
import { post } from "./post.ts";
import { sendableDimensions } from "./sendable-dimensions.ts";
import { numbersIn, openStore, type State } from "./storage.ts";
import { userFrom } from "./user-from.ts";
import { warn } from "./warn.ts";
import {
  type Beat,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type Link,
  slotMs,
  type Via,
} from "./wire.ts";

/** The instances of this page, by key. */
export const running: Record<string, Headcount> = {};

/** An instance as the SDK's other entries see it. */
export interface Core extends Headcount {
  options: Options;
  /** Of the page, or what was given in its place. */
  lifecycle: Lifecycle | undefined;
  /** Where it is not simply the public key that proves where beats come from. */
  credentials?: Credentials | undefined;
  /** Whoever is here, as beats say it; nobody before the first beat of an anonymous installation, and after `optOut()`. */
  present: () => Beat | undefined;
  /** Tells whoever wants to know what went wrong. Never throws. */
  report: (problem: unknown) => void;
  /** Has something end with the instance: at once if it has ended. */
  atEnd: (end: () => void) => void;
}

/** What the server refuses, or the reason why it could not be asked. */
type Problem = Error & Partial<Pick<Response, "status" | "headers">>;

/** Early in the next slot, but not at the same time as all others. */
function nextSlotMs(): number {
  return slotMs - (Date.now() % slotMs) + Math.random() * spreadMs;
}

/** The body of a heartbeat. As text, since pages patch `Array.prototype.toJSON`. */
export function bodyOf(members: Partial<HeartbeatRequest>, beats = ""): string {
  return `${JSON.stringify(members).slice(0, -1)},"beats":[${beats}]}`;
}

/**
 * Beats for whoever is here, once a slot, for as long as the page is visible. Every slot is noted before it is
 * sent and crossed out once the server has it, so the page may be closed, frozen or cut off at any time.
 * Without a lifecycle, nothing happens.
 */
export function startHeartbeat(options: Options): Core {
  const { read, write } = openStore<State>(options, options.key);
  const lifecycle = options.lifecycle ?? pageLifecycle(options);
  const ends: (() => void)[] = [];
  let user: (Beat & { user: string }) | undefined;
  /** The last sign-out before this user came, as a text: what is stored may be anything. */
  let left = "";
  /** Dimensions that the app's settings don't declare. */
  let ignored: string[] = [];
  let via: Via = "foreground";
  let isBusy = false;
  /** There was a sign of life since the last look. */
  let isWoken = false;
  let isOver = !lifecycle;
  /** Should that be for the sake of the link, then the beats go without it next time. */
  let isRefused = false;
  let cancel: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function report(problem: unknown): void {
    if (typeof __DEV__ !== "undefined" && __DEV__) void explainProblem(problem, options);
    try {
      options.onError?.(problem as Problem);
    } catch {
      // The app's own doing.
    }
  }

  /** Without a delay, only a sign of life may change something. */
  function schedule(delayMs: number | undefined): void {
    clearTimeout(timer);
    if (delayMs! >= 0 && !isOver) timer = outsideZones(() => setTimeout(() => void look(), delayMs));
  }

  /**
   * Beats in the next task. Not in this one: what fires together is then one beat, `identify()` may follow
   * `init()`, and Chromium restores pages from its cache before it updates `hidden`.
   */
  function wake(): void {
    isWoken = true;
    if (!isBusy) schedule(0);
  }

  /** One at a time: whoever is asked for consent is asked once. */
  async function look(): Promise<void> {
    isBusy = true;
    schedule(
      await beatOnce()
        .catch(backOff)
        .catch(() => slotMs),
    );
    isBusy = false;
  }

  const isWanted = (): boolean =>
    !isOver && (via === "manual" || lifecycle!.isVisible()) && mayCount(options);

  /** Returns after how many milliseconds to look again, or nothing if only a sign of life may change something. */
  async function beatOnce(): Promise<number | undefined> {
    if (typeof __DEV__ !== "undefined" && __DEV__) explainSilence(options, lifecycle, read());
    // Asking for consent may take hours.
    if (!isWanted()) return undefined;
    const isAllowed = await agrees(options);
    if (typeof __DEV__ !== "undefined" && __DEV__ && !isAllowed)
      warn("nothing is sent: consent() does not return true");
    if (!isAllowed || !isWanted()) return undefined;
    const state = recall();
    if (state.out) return undefined;

    const now = Date.now();
    const slot = Math.floor(now / slotMs);
    const hash = user && shortHash(user.user);
    const unsent = noteIn(state, slot, hash);
    // A sign of life ends the wait in a slot after what was tried, and after what the server asked for.
    const waitMs = isWoken && state.tried! < slot * slotMs ? 0 : state.until! - now;
    isWoken = false;
    if (waitMs > 0 && waitMs <= maxWaitMs) {
      write(state);
      return Math.min(waitMs + Math.random() * tabSpreadMs, nextSlotMs());
    }

    const beat = present(state)!;
    const slots = unsent.slice(-maxBodyCharacters / (JSON.stringify(beat).length + beatCharacters) - 1);
    if (!slots[0]) {
      write(state);
      via = "foreground";
      return nextSlotMs();
    }
    // Until something is answered no request outlives its page: the connection that it takes would too.
    const keepalive = !state.until;
    const { id, first } = state;
    const days = shiftDays(state.days!, state.seen!, slot);
    const mustLink = hash && id && id !== state.linked && !isRefused;
    state.until = now + timeoutMs;
    state.tried = undefined;
    write(state);

    const beats = slots.map((past) =>
      // The server's clock is better than this one, as long as it is about now.
      JSON.stringify({ ...beat, via, at: past === slot ? undefined : past * slotMs }),
    );
    const { key, includeBots } = options;
    const link: Link | undefined = mustLink
      ? { anonymous: id, first: first! * slotMs, days, now }
      : undefined;
    const answer = await post<HeartbeatResponse>(
      options,
      "/v1/heartbeat",
      bodyOf({ key, now, includeBots, link }, beats.join()),
      keepalive,
      (started) => (cancel = started),
    );
    // A hotel's log-in page, say, answers something else with status 200, and is found out by this.
    answer.rejected.map(({ error }) => report(Error(error)));
    if (typeof __DEV__ !== "undefined" && __DEV__) explainAnswer(answer);
    ignored = ignored.concat(answer.ignored ?? []);
    isRefused = false;
    via = "foreground";

    // Another tab may have written meanwhile, and `reset()` may have made this nobody's.
    const latest = read();
    latest.until = latest.paceMs = undefined;
    if (latest.user === state.user && latest.id === id) {
      latest.days = hash ? days : slots.reduce((all, past) => all | shiftDays(1, past, slot), days);
      latest.seen = slot;
      latest.next = slot + Math.min(answer.interval / slotSeconds || 1, mostSlots);
      latest.seenAs = hash;
      latest.unsent = numbersIn(latest.unsent)
        .filter((past) => !slots.includes(past))
        .join();
      if (mustLink && !answer.linkDeferred) latest.linked = id;
    }
    write(latest);

    // Storage that loses what is written still has all of them, and must not make this a loop.
    const rest = read().unsent;
    return isWoken || (rest && rest !== state.unsent) ? 0 : nextSlotMs();
  }

  /** Notes that whoever is here is here in this slot. Returns the slots that the server does not know of. */
  function noteIn(state: State, slot: number, hash: string | undefined): number[] {
    if (hash) state.user = hash;
    else {
      state.id ||= newAnonymousId();
      // A clock that was ahead is set right again.
      if (!(state.first! < slot)) state.first = slot;
    }
    // What an installation could not send is its user's.
    const unsent = noteUnsent(numbersIn(state.unsent), slot);
    // A user who was seen in this period is seen if nobody is signed in, too.
    if (
      slot >= state.seen! &&
      slot < Math.min(state.next!, state.seen! + mostSlots) &&
      (!hash || state.seenAs === hash)
    )
      unsent.pop();
    state.unsent = unsent.join();
    return unsent;
  }

  /** What is stored of whoever is here. Whoever has been signed out in another tab is gone. */
  function recall(): State {
    const state = read();
    if (state.left && `${state.left}` !== left) user = undefined;
    // It may be anything, and an id of ours has digits.
    state.id = /.*\d.*/.exec(state.id!)?.[0];
    // An installation is its first user's: the next one's begins anew.
    if (user && state.user && state.user !== shortHash(user.user))
      state.id = state.first = state.days = state.unsent = undefined;
    const { who, days, unsent } = state.anonymous ?? {};
    return state.anonymous ? { id: who, first: Date.parse(days?.[0] as string) / slotMs, unsent } : state;
  }

  function present({ out, id, first } = recall()): Beat | undefined {
    if (out || !(user || id)) return undefined;
    return {
      ...(user ?? { anonymous: id }),
      since: user?.since || first! * slotMs || undefined,
      dimensions: sendableDimensions(user?.dimensions, ignored),
    };
  }

  /**
   * What the server refuses for good (4xx, most of them) is not tried again in this slot. After 429, 5xx and no answer the pace
   * is a back-off, of all tabs and of the pages that follow. A sign of life such as `online` cuts it short in the next slot
   * where no server answered, or where one that did has got the time that it asked for.
   */
  function backOff(problem: Problem): number | undefined {
    if (!isOver) report(problem);
    const state = read();
    // Nothing is on its way: it was asking for consent that failed, or whoever is here has opted out meanwhile.
    if (!state.until) return slotMs;
    const { status, headers } = problem ?? {};
    const now = Date.now();
    isRefused = status! < 500;
    const isFinal = status! < 429;
    const paceMs = isFinal ? 0 : Math.min(maxBackOffMs, state.paceMs! * backOffGrowth || firstBackOffMs);
    const askedMs = isFinal ? slotMs : Math.max(0, Number(headers?.get?.("retry-after")) * 1000 || 0);
    // Exponential with full jitter.
    const waitMs = askedMs + Math.random() * paceMs;
    // Without a network trying costs nothing, and `online` will tell. Whoever comes after `shutdown()` need not wait either.
    const isFree = isOver || !(globalThis.navigator?.onLine ?? true);
    const until = now + (isFree ? 0 : Math.min(maxWaitMs, waitMs));
    write({ ...state, paceMs, until, tried: status && !askedMs ? undefined : now + askedMs });
    return Math.min(waitMs, nextSlotMs());
  }

  if (typeof __DEV__ !== "undefined" && __DEV__) explainSetup(options, lifecycle);
  try {
    ends.push(outsideZones(() => lifecycle!.subscribe(wake)));
  } catch (problem) {
    // There is no lifecycle, or no listening in this page: then nobody who comes back is noticed before the next slot.
    if (lifecycle) report(problem);
  }
  wake();

  const core: Core = {
    options,
    lifecycle,
    present,
    report,
    atEnd: (end) => void (isOver ? end() : ends.push(end)),
    identify(id, about) {
      try {
        user = userFrom(id, about);
        left = `${read().left}`;
        wake();
      } catch (problem) {
        report(problem);
      }
    },
    heartbeat() {
      via = "manual";
      wake();
    },
    reset() {
      user = undefined;
      write({ out: read().out, left: Date.now() });
    },
    optOut() {
      write({ out: 1 });
    },
    optIn() {
      write({});
      wake();
    },
    shutdown() {
      isOver = true;
      clearTimeout(timer);
      cancel?.();
      ends.map((end) => end());
      if (running[options.key] === core) delete running[options.key];
    },
  };
  return core;
}
