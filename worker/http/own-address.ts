/**
 * Whether a host, as a parsed URL names it, is of a machine or a network of one's own: no server of public keys is there, and a
 * setting must not be a way to look into the network that the service runs in. The parser has brought each way to write an
 * address (`2130706433`, `0x7f.1`, `[::ffff:127.0.0.1]`) into one.
 */
export function isOwnAddress(hostname: string): boolean {
  const host = hostname.replace(/\.$/, "");
  const four = fourOf(host);
  if (four !== null) return isOwnFour(four);
  if (host.startsWith("[")) return isOwnSix(host.slice(1, -1));
  // A name without a dot is only known in a network of one's own.
  return (
    !host.includes(".") || ownEndings.some((ending) => host === ending.slice(1) || host.endsWith(ending))
  );
}

const ownEndings = [
  ".localhost",
  ".local",
  ".internal",
  ".lan",
  ".home.arpa",
  ".localdomain",
  ".intranet",
  ".corp",
];

function fourOf(host: string): number[] | null {
  const parts = host.split(".").map(Number);
  return /^\d+(\.\d+){3}$/.test(host) ? parts : null;
}

/** Not for the public (IANA's special-purpose registry). */
function isOwnFour([a = 0, b = 0, c = 0]: number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113)
  );
}

/** All but 2000::/3, and of those what carries an IPv4 address (6to4, Teredo) or is for documentation. */
function isOwnSix(address: string): boolean {
  const [first = "", second = ""] = address.split(":");
  const group = Number.parseInt(first || "0", 16);
  if (group < 0x2000 || group > 0x3fff) return true;
  return group === 0x2002 || (group === 0x2001 && ["", "0", "db8"].includes(second));
}
