/** What `startHeadcount()` takes. All of it may be left out. */
export interface StartOptions {
  /** The app's name: 1 to 40 lower-case letters, digits and hyphens. Default `test`. */
  app?: string | undefined;

  /** The zone whose midnight ends the app's days, `Europe/Berlin`. Default UTC. */
  timeZone?: string | undefined;

  /** Settings of the app besides, as `PUT /v1/settings` takes them: `{ dimensions: ["plan"] }`. */
  settings?: Record<string, unknown> | undefined;

  /** The time at which the service's clock starts, Unix milliseconds or a `Date`. Default the computer's. */
  now?: number | Date | undefined;
}

/** The keys of the app under test. Those of another start are others. */
export interface Keys {
  /** For pages and apps: reports activity. */
  public: string;
  /** Asks. */
  read: string;
  /** For servers: does everything. */
  secret: string;
  /** Shows the badge. */
  share: string;
}

/** How many people were active. */
export interface Counts {
  /** In the last minutes, as `GET /v1/online` says. */
  online: number;
  /** In the last 24 hours. */
  dau: number;
  /** In the last 7 days. */
  wau: number;
  /** In the last 30 days. */
  mau: number;
}

declare global {
  // Merge with those of TypeScript 5.2 and of `@types/node`, which a project may have neither of.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

/** A service of its own, with nobody counted yet. */
export interface TestHeadcount extends AsyncDisposable {
  /** Where it answers, `http://127.0.0.1:49152`. */
  readonly url: string;

  readonly keys: Keys;

  /** The time by the service's clock, Unix milliseconds. It runs as fast as the computer's. */
  now(): number;

  /**
   * Moves the service's clock forward. What it does by the clock meanwhile, such as closing a day, is done in order when the
   * promise resolves. One call at a time.
   *
   * @param ms milliseconds, a whole number of 0 or more
   * @throws {TypeError} if it is not
   */
  advance(ms: number): Promise<void>;

  /**
   * How many people were active, by the service's clock. Whatever was answered before is in it. Exact for a few
   * thousand people, except where a window begins within a slot of five minutes, an hour or a day that is kept as a whole.
   * Rejects with a `HeadcountError` when the service refuses the question, and with an `Error` when a count can't be known.
   *
   * @param where only people with these values, by dimension: `{ plan: "free" }`
   */
  counts(where?: Record<string, string>): Promise<Counts>;

  /** Ends the service and removes what it stored. May be called twice. */
  stop(): Promise<void>;
}
