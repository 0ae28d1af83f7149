import { maxFactLength } from "../limits.ts";
import { addressOf } from "./address.ts";

/** What the service takes of a request besides its body. Nothing else of it is looked at or kept. */
export interface RequestFacts {
  /** The network address, as far as limits ask: see `addressOf`. Null where no proxy tells it. */
  address: string | null;
  /** The page's origin; browsers name it and can't be made to lie about it. */
  origin: string | null;
  userAgent: string;
  /** The platform's guess at where the request comes from: ISO 3166-1 alpha-2, and two letters for the continent. */
  country: string | null;
  continent: string | null;
}

/**
 * @param addressHeader the header in which the proxy in front tells the address, if there is such a proxy
 */
export function requestFacts(request: Request, addressHeader: string | undefined): RequestFacts {
  const { country, continent } = (request as { cf?: { country?: unknown; continent?: unknown } }).cf ?? {};
  return {
    address: addressOf(request, addressHeader)?.slice(0, maxFactLength) ?? null,
    origin: request.headers.get("origin")?.slice(0, maxFactLength) ?? null,
    userAgent: request.headers.get("user-agent")?.slice(0, maxFactLength) ?? "",
    country: typeof country === "string" ? country : null,
    continent: typeof continent === "string" ? continent : null,
  };
}
