import { expect, test } from "vitest";
import { addressOf } from "../../worker/http/address.ts";

const from = (value: string, header: string | undefined = "x-forwarded-for") =>
  addressOf(new Request("https://headcount.test", { headers: { "x-forwarded-for": value } }), header);

test("an IPv4 address stands for itself, however it is written", () => {
  expect(from("203.0.113.7")).toBe("203.0.113.7");
  for (const same of [
    "::ffff:203.0.113.7",
    "::FFFF:cb00:7107",
    "0:0:0:0:0:ffff:cb00:7107",
    "203.0.113.7:5678",
    "[::ffff:203.0.113.7]:443",
    '"203.0.113.7:5678"',
  ]) {
    expect([same, from(same)]).toEqual([same, "203.0.113.7"]);
  }
});

test("however many ports and zones an address is told with, it is one address", () => {
  const ports = Array.from({ length: 100 }, (_, index) => 1024 + index);
  expect(new Set(ports.map((port) => from(`203.0.113.7:${port}`))).size).toBe(1);
  expect(new Set(ports.map((port) => from(`[2001:db8::1]:${port}`)))).toEqual(new Set(["2001:db8:0:0"]));
  expect(new Set(["fe80::1%eth0", "[fe80::1%eth1]:80", "[fe80::1]"].map((told) => from(told))).size).toBe(1);
});

test("an IPv6 address stands for its /64", () => {
  const same = ["2001:db8::1", "2001:DB8:0:0::2", "2001:0db8:0000:0000:ffff:1:2:3", "2001:db8:0:0:a:b:c:d"];
  expect(new Set(same.map((address) => from(address)))).toEqual(new Set(["2001:db8:0:0"]));
  expect(from("2001:db8:0:1::1")).toBe("2001:db8:0:1");
  expect(from("::1")).toBe("0:0:0:0");
});

test("of a list the last is believed, which the proxy in front wrote", () => {
  expect(from("198.51.100.1, 203.0.113.7")).toBe("203.0.113.7");
});

test("without a header that is trusted nobody's address is known", () => {
  expect(addressOf(new Request("https://headcount.test"), "x-forwarded-for")).toBeNull();
  const forged = new Request("https://headcount.test", { headers: { "cf-connecting-ip": "203.0.113.7" } });
  expect(addressOf(forged, undefined)).toBeNull();
  expect(from("  ")).toBeNull();
});
