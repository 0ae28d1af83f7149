/** How servers that settings name are asked. */
export interface Outside {
  fetch: (url: string, options: RequestInit) => Promise<Response>;
  /** Origins that may be asked though they are of a private network, or by http. */
  allowed: readonly string[];
}

/**
 * @param list origins that the environment allows, with commas between them
 * @param network the way to them; the embedded engine reaches public addresses alone otherwise
 */
export function outsideOf(list: string | null | undefined, network: Fetcher | undefined): Outside {
  // What isn't in the environment the embedded engine binds as null.
  const allowed = (list ?? "").split(",").flatMap((text) => {
    const origin = text.trim();
    return URL.canParse(origin) ? [new URL(origin).origin] : [];
  });
  return {
    allowed,
    fetch: (url, options) =>
      network !== undefined && allowed.includes(new URL(url).origin)
        ? network.fetch(url, options)
        : fetch(url, options),
  };
}
