/**
 * What a key may be used for: `pub` reports activity, `read` asks, `secret` does everything for its app, `share`
 * shows a badge.
 */
export const roles = ["pub", "read", "secret", "share"] as const;

export type Role = (typeof roles)[number];
