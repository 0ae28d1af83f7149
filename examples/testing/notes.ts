import type { HeadcountServer } from "headcount/server";

/** The app under test: notes of users. Whoever writes one is active; whoever leaves is counted no more. */
export class Notes {
  readonly #headcount: HeadcountServer;
  readonly #texts = new Map<string, string[]>();

  constructor(headcount: HeadcountServer) {
    this.#headcount = headcount;
  }

  write(user: string, plan: "free" | "paid", text: string): void {
    this.#texts.set(user, [...this.of(user), text]);
    this.#headcount.touch(user, { dimensions: { plan } });
  }

  of(user: string): readonly string[] {
    return this.#texts.get(user) ?? [];
  }

  async leave(user: string): Promise<void> {
    this.#texts.delete(user);
    await this.#headcount.exclude(user);
  }
}
