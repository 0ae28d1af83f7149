import { maxKeptHeaderLength } from "../limits.ts";
import type { KeptRequest } from "./socket.ts";

/** What a first message will be judged by: page, browser, country, and the address, whose limits it falls under. */
export function keptOf(request: Request, addressHeader: string | undefined): KeptRequest {
  const headers: Record<string, string> = {};
  for (const name of ["origin", "user-agent"]) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value.slice(0, maxKeptHeaderLength);
  }
  const address = addressHeader && request.headers.get(addressHeader);
  // Where it is a list, the proxy's own word is the last.
  if (address) headers[addressHeader] = address.slice(-maxKeptHeaderLength);
  const { country } = (request as { cf?: { country?: unknown } }).cf ?? {};
  return { headers, cf: typeof country === "string" ? { country } : {} };
}
