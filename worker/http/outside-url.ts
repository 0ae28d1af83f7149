import { ok, refused, type Result } from "../result.ts";
import { isOwnAddress } from "./own-address.ts";

/**
 * A URL that a setting names as one that the service may ask, or in words why it may not: a setting must be no way to look into
 * the network that the service runs in.
 *
 * @param allowed origins that may be asked though they are of a private network, or by http
 * @param setting its name, the variable by which whoever runs the service allows origins, and perhaps what may be done instead
 */
export function outsideUrl(
  text: string,
  allowed: readonly string[],
  { name, variable, instead = "" }: { name: string; variable: string; instead?: string },
): Result<URL> {
  if (!URL.canParse(text)) return refused(`${name}: expected a URL`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return refused(`${name}: expected a URL without a password`);
  }
  if (allowed.includes(url.origin)) return ok(url);
  if (url.protocol === "https:" && !isOwnAddress(url.hostname)) return ok(url);
  return refused(
    `${name}: expected https and a public address. A server of your own network has to be named in ${variable} by whoever runs the service${instead}`,
  );
}
