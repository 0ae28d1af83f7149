/**
 * The network address that a request comes from, as far as limits ask: an IPv4 address, or the /64 of an IPv6 one, which
 * is what one household or phone has. Null where no proxy tells it.
 *
 * @param header the header in which the proxy in front tells it; where it holds a list, the last is the proxy's own word
 */
export function addressOf(request: Request, header: string | undefined): string | null {
  const told = header ? request.headers.get(header)?.split(",").at(-1)?.trim() : undefined;
  if (!told) return null;
  const mapped = /^::ffff:([0-9.]+)$/i.exec(told)?.[1];
  if (mapped !== undefined) return mapped;
  return told.includes(":") ? networkOf(told) : told;
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
