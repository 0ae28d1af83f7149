/**
 * Origins as the `origins` setting takes them: those of web pages (`https://app.example.com`), of all sub-domains of a domain
 * (`https://*.example.com`), and of apps, whose schemes are their own (`capacitor://localhost`,
 * `chrome-extension://…`, `file://`). `null` is what browsers say of pages without an origin.
 */

/** Schemes that hold no page of their own, or none that has an origin. */
const withoutOrigin = new Set([
  "javascript",
  "data",
  "blob",
  "about",
  "view-source",
  "ws",
  "wss",
  "ftp",
  "mailto",
]);

/** An origin in the form in which it is stored, or null where a text names none. */
export function readOrigin(text: string): string | null {
  if (text === "null" || /^file:\/{2,3}$/i.test(text)) return text === "null" ? text : "file://";
  const [, scheme = "", host = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\s@\\]+)\/?$/i.exec(text) ?? [];
  if (host === "" || withoutOrigin.has(scheme.toLowerCase())) return null;
  if (!/^https?$/i.test(scheme)) {
    return /^[a-z0-9.:_-]+$/i.test(host) ? `${scheme}://${host}`.toLowerCase() : null;
  }
  const domain = host.startsWith("*.") ? host.slice(2) : host;
  if (domain.includes("*")) return null;
  // Nobody owns all of a top-level domain.
  if (domain !== host && !/\./.test(domain) && !/^localhost(:\d+)?$/i.test(domain)) return null;
  const { origin } = URL.parse(`${scheme}://${domain}`) ?? {};
  if (origin === undefined) return null;
  return domain === host ? origin : origin.replace("://", "://*.");
}

/**
 * An origin of web pages as a content security policy can name it, or null. A host may hold characters that end a
 * directive, such as a semicolon: those are none.
 */
export function readWebOrigin(text: string): string | null {
  const origin = readOrigin(text);
  return origin !== null && /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d+)?$/.test(origin) ? origin : null;
}

/** Whether an `Origin` header is among the origins that are allowed. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  const asked = origin.toLowerCase();
  return allowed.some((each) => {
    const [scheme = "", domain] = each.split("*");
    return domain === undefined
      ? each === asked
      : asked.startsWith(scheme) && isSubDomain(asked.slice(scheme.length), domain);
  });
}

/** @param domain with the dot before it, and the port behind it */
function isSubDomain(host: string, domain: string): boolean {
  return host.length > domain.length && host.endsWith(domain) && !host.startsWith(".");
}
