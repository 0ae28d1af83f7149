/**
 * The network address that a request comes from, as far as limits ask: an IPv4 address, or the /64 of an IPv6 one, which
 * is what one household or phone has. Null where no proxy tells it.
 *
 * @param header the header in which the proxy in front tells it; where it holds a list, the last is the proxy's own word
 */
export function addressOf(request: Request, header: string | undefined): string | null {
  const told = header ? request.headers.get(header)?.split(",").at(-1)?.trim() : undefined;
  if (!told) return null;
  const address = withoutPort(told);
  return address.includes(":") ? (mappedIn(address) ?? networkOf(address)) : address;
}

/** Some proxies tell the port as well, which is another one for each connection: `192.0.2.1:5678`, `[2001:db8::1]:443`. */
function withoutPort(told: string): string {
  const [, bracketed] = /^"?\[([^\]%]*)(?:%[^\]]*)?\](?::\d*)?"?$/.exec(told) ?? [];
  const [, plain] = /^"?([^:"]*):\d*"?$/.exec(told) ?? [];
  return bracketed ?? plain ?? told.replace(/%.*$/, "");
}

/** The IPv4 address that stands in an IPv6 one (RFC 4291, section 2.5.5.2), as four numbers or as two groups, or null. */
function mappedIn(address: string): string | null {
  const [, tail = ""] = /^(?:::|(?:0{1,4}:){5})ffff:([0-9a-f.:]+)$/i.exec(address) ?? [];
  if (/^[0-9.]+$/.test(tail)) return tail;
  const [, high, low] = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(tail) ?? [];
  if (high === undefined || low === undefined) return null;
  const words = [high, low].map((group) => Number.parseInt(group, 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join(".");
}

/** The first four of an IPv6 address' eight groups. */
function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const last = tail ? tail.split(":") : [];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length);
  const all = [...groups, ...Array<string>(missing).fill("0"), ...last];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
