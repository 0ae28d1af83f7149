import { maxFactLength } from "../limits.ts";
import { addressOf } from "./address.ts";
import { countryOf } from "./country.ts";

/** What the service takes of a request besides its body. Nothing else of it is looked at or kept. */
export interface RequestFacts {
  /** The network address, as far as limits ask: see `addressOf`. Null where no proxy tells it. */
  address: string | null;
  /** The page's origin; browsers name it and can't be made to lie about it. */
  origin: string | null;
  userAgent: string;
  /** A guess at where the request comes from, of the platform or of the proxy in front: ISO 3166-1 alpha-2. */
  country: string | null;
  /** The platform's guess, two letters. */
  continent: string | null;
}

/**
 * @param addressHeader the header in which the proxy in front tells the address, if there is such a proxy
 * @param countryHeader the header in which it tells the country; without one the platform's guess is taken
 */
export function requestFacts(
  request: Request,
  addressHeader: string | undefined,
  countryHeader?: string,
): RequestFacts {
  const { country, continent } = (request as { cf?: { country?: unknown; continent?: unknown } }).cf ?? {};
  return {
    address: addressOf(request, addressHeader)?.slice(0, maxFactLength) ?? null,
    origin: request.headers.get("origin")?.slice(0, maxFactLength) ?? null,
    userAgent: request.headers.get("user-agent")?.slice(0, maxFactLength) ?? "",
    country: countryHeader
      ? countryOf(request.headers.get(countryHeader))
      : typeof country === "string"
        ? country
        : null,
    continent: typeof continent === "string" ? continent : null,
  };
}
