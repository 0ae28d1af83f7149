import { expect, test } from "vitest";
import { isAllowedOrigin, readOrigin } from "../../worker/schemas/origin.ts";

test("origins of pages, of sub-domains and of apps are taken, in the form in which they are compared", () => {
  const id = "abcdefghijklmnopabcdefghijklmnop";
  for (const [text, origin] of [
    ["https://app.example.com", "https://app.example.com"],
    ["https://app.example.com/", "https://app.example.com"],
    ["HTTPS://App.Example.com:443", "https://app.example.com"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["https://*.example.com", "https://*.example.com"],
    ["https://*.Example.com:8443", "https://*.example.com:8443"],
    ["http://*.localhost:3000", "http://*.localhost:3000"],
    ["capacitor://localhost", "capacitor://localhost"],
    ["ionic://localhost", "ionic://localhost"],
    ["tauri://localhost", "tauri://localhost"],
    ["https://tauri.localhost", "https://tauri.localhost"],
    ["myapp://localhost", "myapp://localhost"],
    [`chrome-extension://${id}`, `chrome-extension://${id}`],
    [
      "moz-extension://8D3F7A10-98F6-4F0B-A0A4-0C2C0F3B1E11",
      "moz-extension://8d3f7a10-98f6-4f0b-a0a4-0c2c0f3b1e11",
    ],
    [
      "safari-web-extension://8D3F7A10-98F6-4F0B-A0A4-0C2C0F3B1E11/",
      "safari-web-extension://8d3f7a10-98f6-4f0b-a0a4-0c2c0f3b1e11",
    ],
    ["file://", "file://"],
    ["file:///", "file://"],
    ["null", "null"],
  ]) {
    expect([text, readOrigin(text as string)]).toEqual([text, origin]);
  }
});

test("what is no origin, or would allow everybody, is refused", () => {
  for (const text of [
    "",
    "*",
    "https://*",
    "https://*.com",
    "https://app.*.com",
    "https://*.*.example.com",
    "https://*example.com",
    "https://a.example/path",
    "https://a.example?x",
    "https://a.example#x",
    "https://user@a.example",
    "https://",
    "a.example",
    "//a.example",
    "javascript:alert(1)",
    "javascript://a",
    "data:text/html,x",
    "blob:https://a.example/x",
    "wss://a.example",
    "capacitor://*",
    "chrome-extension://*",
    "chrome-extension://",
    "https://a b.example",
    "undefined",
  ]) {
    expect([text, readOrigin(text)]).toEqual([text, null]);
  }
});

test("sub-domains of any depth match a wildcard, the domain itself and its look-alikes don't", () => {
  const allowed = [
    "https://*.example.com",
    "https://*.example.org:8443",
    "null",
    "file://",
    "capacitor://localhost",
  ];
  for (const origin of [
    "https://app.example.com",
    "https://a.b.example.com",
    "https://app.example.org:8443",
    "null",
    "file://",
    "capacitor://localhost",
  ]) {
    expect([origin, isAllowedOrigin(origin, allowed)]).toEqual([origin, true]);
  }
  for (const origin of [
    "https://example.com",
    "https://.example.com",
    "https://evilexample.com",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.org",
    "capacitor://elsewhere",
    "",
  ]) {
    expect([origin, isAllowedOrigin(origin, allowed)]).toEqual([origin, false]);
  }
});
