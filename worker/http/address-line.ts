import { maxAddressLength } from "../limits.ts";
import { Refusal } from "./problem.ts";

/**
 * Refuses an address that can't be read, or is longer than any of ours: reading its query takes time, and whoever sent it has not
 * shown a key yet. Throws a `Refusal`.
 */
export function checkAddress(url: string): void {
  if (url.length > maxAddressLength) {
    throw new Refusal("malformed-address", `expected a URL of at most ${maxAddressLength} characters`);
  }
  if (!URL.canParse(url)) {
    throw new Refusal(
      "malformed-address",
      "Host: expected a host name or an IP address, optionally with a port",
    );
  }
}

/** A request for the same with GET. A body, which HEAD may have and GET may not, is left out: nobody reads it. */
export function asGet({ url, headers, cf }: Request): Request {
  return new Request(url, { method: "GET", headers, ...(cf !== undefined && { cf }) });
}
