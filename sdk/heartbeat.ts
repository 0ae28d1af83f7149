import { newAnonymousId, shortHash } from "./identity.ts";
import { firstBackOffMs, maxBeats, maxWaitMs, spreadMs } from "./limits.ts";
import { noteUnsent } from "./offline-hours.ts";
import type { Headcount, Lifecycle, Options } from "./options.ts";
import { mayCount } from "./permission.ts";
import { openStore, type Presence } from "./storage.ts";
import { type Beat, type HeartbeatRequest, type HeartbeatResponse, slotMs, type Via } from "./wire.ts";

/** The instances of this page, by key. */
export const running: Record<string, Headcount> = {};

/** An instance as the SDK's other entries see it. */
export interface Core extends Headcount {
  options: Options;
  /** Who is signed in, as their beats say it. */
  user: () => Beat | undefined;
}

/**
 * Beats for whoever is here, once a slot, for as long as the page is visible. Every slot is noted before it is
 * sent and crossed out once the server has it, so the page may be closed, frozen or cut off at any time.
 * Without a lifecycle, nothing happens.
 */
export function startHeartbeat(options: Options, lifecycle: Lifecycle | undefined): Core {
  const [read, write] = openStore(options);
  let user: (Beat & { user: string }) | undefined;
  let held: unknown;
  let via: Via = "foreground";
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    if (!lifecycle) return;
    timer = setTimeout(
      () =>
        void beat()
          .catch(onFailure)
          // An `onError` that throws.
          .catch(() => {}),
      Math.min(delayMs, maxWaitMs),
    );
  }

  /**
   * Beats in the next task. Not in this one: what fires together is then one beat, `identify()` may follow
   * `init()`, and Chromium restores pages from its cache before it updates `hidden`. Held while a beat
   * is on its way, and for as long as the server asks for patience.
   */
  function wake(): void {
    if (!held) schedule(0);
  }

  async function beat(): Promise<void> {
    held = false;
    if (via !== "manual" && !lifecycle?.isVisible()) return;
    if (!mayCount(options) || (options.consent && !(await options.consent()))) return;

    const state = read();
    if (state.out) return;
    const role = user ? "user" : "anonymous";
    let presence = state[role];
    const who = user ? shortHash(user.user) : (presence?.who ?? newAnonymousId());
    const today = new Date().toJSON().slice(0, 10);
    if (presence?.who !== who) presence = state[role] = { unsent: [], who, days: [today] };
    const slot = (Date.now() / slotMs) | 0;
    presence.days[1] = today;

    if (presence.seen !== slot) presence.unsent = noteUnsent(presence.unsent, slot);
    write(state);
    const slots = presence.unsent.slice(-maxBeats);
    if (!slots[0]) return rest();

    held = true;
    // Should there never be an answer.
    schedule(slotMs);
    const sent = user;
    const { who: stranger, days } = state.anonymous ?? ({} as Partial<Presence>);
    // Without a content type of ours the browser sends `text/plain`, which needs no preflight. `keepalive` lets the
    // request outlive the page. No `sendBeacon`: it hides the answer, and ad blockers block it.
    const response = await (options.fetch ?? fetch)(`${options.endpoint}/v1/heartbeat`, {
      method: "POST",
      body: JSON.stringify({
        key: options.key,
        beats: slots.map((past) => ({
          ...(user ?? { anonymous: who, since: (presence as Presence).days[0] }),
          via,
          // The server's clock is better than this one, as long as it is about now.
          at: past === slot ? undefined : past * slotMs,
        })),
        // Whoever signs in was counted as an installation until now: the two are one person.
        link: user && stranger !== state.linked ? { anonymous: stranger as string, days } : undefined,
      } satisfies HeartbeatRequest),
      keepalive: true,
    });
    if (!response.ok) throw response;
    // No JSON, then it is not from the Worker: a hotel's log-in page, say, with status 200.
    const answer: HeartbeatResponse = await response.json();
    held = false;
    failures = 0;

    // Another tab may have written meanwhile, and `reset()` may have made this nobody's.
    const latest = read();
    presence = latest[role];
    if (sent) latest.linked = stranger;
    if (presence?.who === who) {
      presence.seen = slot;
      presence.unsent = presence.unsent.filter((past) => !slots.includes(past));
      write(latest);
    }
    answer.rejected.map((refusal) => options.onError?.(Error(refusal.error)));
    // Somebody else may be here, or more be unsent. Not just looking again keeps storage that loses what is
    // written from making this a loop.
    if (user !== sent || slots[maxBeats - 1]) wake();
    else rest(answer.interval);
  }

  /** Nothing more to say in this slot. Again early in the next, but not at the same time as all others. */
  function rest(intervalSeconds?: number): void {
    via = "foreground";
    schedule(
      Math.max(intervalSeconds! * 1000 || 0, slotMs) - (Date.now() % slotMs) + Math.random() * spreadMs,
    );
  }

  /**
   * What the server refuses for good (4xx) is not tried again in this slot. After 429, 5xx and no answer the pace
   * is a back-off, which a sign of life such as `online` cuts short only if no server asked for it.
   */
  function onFailure(problem: (Error | Response) & { status?: number; headers?: Headers }): void {
    const { status, headers } = problem;
    held = status;
    const isFinal = (status as number) < 500 && status !== 429;
    const retryAfterMs = isFinal ? slotMs : (headers?.get("retry-after") as unknown as number) * 1000 || 0;
    // Exponential with full jitter, a slot at most.
    schedule(retryAfterMs + Math.random() * Math.min(slotMs, firstBackOffMs * 2 ** ++failures));
    options.onError?.(problem);
  }

  const unsubscribe = lifecycle?.subscribe(wake);
  wake();

  return {
    user: () => user,
    identify(id, about) {
      user = { ...about, user: id };
      wake();
    },
    heartbeat() {
      via = "manual";
      wake();
    },
    options,
    reset() {
      user = undefined;
      write({ out: read().out });
    },
    optOut() {
      write({ out: 1 });
    },
    optIn() {
      write({});
      wake();
    },
    shutdown() {
      clearTimeout(timer);
      unsubscribe?.();
      lifecycle = undefined;
      delete running[options.key];
    },
  };
}
