/** A browser as far as it matters to a handler: it keeps its cookies. */
export class CookieJar {
  readonly #cookies: Map<string, string>;

  constructor(cookies: Record<string, string> = {}) {
    this.#cookies = new Map(Object.entries(cookies));
  }

  /** Gets, or posts a form; redirects are not followed. */
  async send(
    handle: (request: Request) => Promise<Response>,
    url: string,
    form?: URLSearchParams,
  ): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const init = form ? { method: "POST", body: form } : {};
    const response = await handle(new Request(url, { ...init, headers: { cookie } }));
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set) || value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}
