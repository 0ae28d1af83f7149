/** How long a time of sign-up is believed: linking may put it back. */
const believedMs = 3_600_000;

/** After a failure it is asked for again, but not with every request. */
const retryMs = 60_000;

/** Some 300 bytes each. */
const maxKnown = 100_000;

interface SignUp {
  since: Promise<string | undefined>;
  /** Unix milliseconds. */
  until: number;
}

/** When users signed up, asked for once an hour and user, in bounded memory. */
export class SignUps {
  readonly #known = new Map<string, SignUp>();

  /** The user signed up at another time than was believed. */
  forget(user: string): void {
    this.#known.delete(user);
  }

  /**
   * ISO 8601, or nothing where it can't be told. Never rejects.
   *
   * @param find asks for it: Unix milliseconds
   */
  async sinceOf(user: string, find: () => Promise<number | undefined>): Promise<string | undefined> {
    const now = Date.now();
    const known = this.#known.get(user);
    if (known && now < known.until) return known.since;

    const found = find();
    const signUp: SignUp = {
      until: now + believedMs,
      since: found.then(
        (at) => (at === undefined ? undefined : new Date(at).toISOString()),
        () => {
          signUp.until = Date.now() + retryMs;
          return undefined;
        },
      ),
    };
    // At the end, whether it was there or not: the oldest go first.
    this.#known.delete(user);
    this.#known.set(user, signUp);
    if (this.#known.size > maxKnown) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return signUp.since;
  }
}
