/** The options of `init()`. Only `endpoint` and `key` are required. */
export interface Options {
  /**
   * The address of the Worker, such as `https://headcount.example.com`, or a path of the page's own origin that is proxied to it,
   * such as `/hb`. The SDK appends `/v1/heartbeat`.
   */
  endpoint: string;

  /** The app's public key, `hc_pub_…`. It can only report activity, so it need not be secret. */
  key: string;

  /** `true` also counts people whose browser sends Global Privacy Control. Default `false`. */
  ignoreGpc?: boolean | undefined;

  /**
   * `true` also counts automated browsers and test runs (`navigator.webdriver`, Cypress, jsdom and the like), pages on `localhost`
   * that report to an endpoint elsewhere, and clients that the service takes for bots. Default `false`.
   */
  includeBots?: boolean | undefined;

  /**
   * Milliseconds without a touch, key press, wheel or pointer movement after which a visible page no longer counts as active: for
   * kiosks and pages that are left open. Default: a visible page is always active. `heartbeat()` counts in any case.
   */
  idleLimitMs?: number | undefined;

  /**
   * Called before each heartbeat. Until it returns (or resolves to) `true`, nothing is stored or sent. When the answer may have
   * changed, call `heartbeat()`; the SDK also asks again when the page is shown next. Privacy signals are respected as well.
   */
  consent?: (() => boolean | Promise<boolean>) | undefined;

  /**
   * How long the anonymous id is kept: `"local"` (the default) until the browser deletes it, `"session"` until the tab is
   * closed, `"memory"` until the page is left. Somebody who comes back later is another anonymous person.
   */
  persistence?: "local" | "session" | "memory" | undefined;

  /**
   * The parent domain of the page, such as `example.com`. A browser is then one installation on all of its sub-domains, by means of
   * a cookie with the anonymous id. Without this option, only `optOut()` sets a cookie.
   */
  cookieDomain?: string | undefined;

  /**
   * Called with every problem: the `Response` of a request that failed (its body, problem+json, is unread), or an `Error` if there was
   * no response or if the service rejected a beat; its message says why. Headcount itself never throws or rejects, and logs only
   * in the development build.
   */
  onError?: ((problem: Error | Response) => void) | undefined;

  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;

  /** Used instead of `localStorage` and `sessionStorage`, on platforms that have others. Takes precedence over `persistence`. */
  storage?: KeyValueStorage | undefined;

  /** Used instead of the page's life cycle, where there is no page. */
  lifecycle?: Lifecycle | undefined;
}

/** What `init()` returns. None of its methods ever throws. */
export interface Headcount {
  /**
   * From now on heartbeats report this user. If the page is visible, the first is sent at once. Call it on every page that opens with
   * somebody signed in, because the id is not stored in the browser. If you call it in the same task as `init()`, no anonymous
   * heartbeat is sent first. An invalid id (blank, `undefined`, `null`, `NaN`, an object, or one of these as text) is reported to
   * `onError` and changes nothing.
   *
   * @param user the app's own id of the user, 1 to 256 characters; a number is converted to its digits
   */
  identify(user: string | number, about?: About): void;

  /**
   * Reports that the user is active now, even if the page is hidden: while listening to music, for example. Nothing is sent if the
   * user is already counted in the current five-minute slot. Retried until it succeeds.
   */
  heartbeat(): void;

  /**
   * Signs the user out, in all tabs. Forgets the user, the anonymous id and everything unsent. The next heartbeat gets a new anonymous
   * id; `reset()` itself sends none, since this person has just been counted. Other tabs notice before their next heartbeat.
   */
  reset(): void;

  /**
   * Stops counting this browser: from now on, on this page and on all that are opened later, nothing is sent, and nothing is stored but
   * the opt-out. Everything unsent is forgotten. The opt-out is also stored as a cookie, so that it survives `localStorage.clear()`.
   */
  optOut(): void;

  /** Ends `optOut()`. */
  optIn(): void;

  /** Stops the SDK and leaves no timer, listener, request or socket. `init()` starts it again. May be called twice. */
  shutdown(): void;
}

/** What the app knows about a user besides the id. */
export interface About {
  /**
   * When the user signed up or was first active: a `Date`, Unix milliseconds, ISO 8601, or a day of the app's time zone,
   * `YYYY-MM-DD`. New users, returning users and retention are computed from it.
   */
  since?: string | number | Date | undefined;

  /**
   * Up to 8 dimensions with values of up to 64 characters. Dimensions that the app's settings don't declare, and values that are
   * invalid, are left out; the user is counted all the same.
   */
  dimensions?: Record<string, string | undefined> | undefined;
}

/** The part of Web Storage that the SDK uses. After the first failed write, the SDK keeps its data in memory. */
export interface KeyValueStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Whether the app is in the foreground. */
export interface Lifecycle {
  isVisible(): boolean;

  /**
   * Calls `wake` whenever `isVisible()` may have become true or the network may be back. Calling it too often is harmless.
   *
   * @returns a function that ends the subscription
   */
  subscribe(wake: () => void): () => void;
}
