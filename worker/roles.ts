/**
 * What a key may be used for: `pub` reports activity, `read` asks, `secret` does everything for its app, `share`
 * shows a badge.
 */
export type Role = "pub" | "read" | "secret" | "share";
