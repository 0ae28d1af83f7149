/**
 * What travels between clients and the Worker: the one home of these types and limits. Types vanish when the
 * SDK is built, so it pays for none of them; the Worker validates against schemas that are checked to match.
 */

/** How a sign of life came about. */
export type Via = "foreground" | "socket" | "manual" | "server";

/** One sign of life of one user. Either `user` or `anonymous` names who it was. */
export interface Beat {
  /** The app's own id of a signed-in user, 1 to 256 characters. */
  user?: string | undefined;
  /** The installation's own random id, 1 to 256 characters, until somebody signs in. */
  anonymous?: string | undefined;
  /** When it happened, in Unix milliseconds. Absent means now. */
  at?: number | undefined;
  via?: Via | undefined;
  /**
   * When this user first appeared or signed up: an instant, in Unix milliseconds or ISO 8601 with a zone, or a day of the
   * app's zone, `YYYY-MM-DD`.
   */
  since?: string | number | undefined;
  /** Only dimensions that the app's settings declare are kept. */
  dimensions?: Record<string, string> | undefined;
}

/** The body of `POST /v1/heartbeat`. */
export interface HeartbeatRequest {
  /** The app's public key; or `token` in its place. */
  key?: string | undefined;
  /** A token of `POST /v1/token`. Its beats need not name anybody: they are of whom it stands for. */
  token?: string | undefined;
  /** Revokes the token once the beats are taken: a logout. */
  invalidate?: boolean | undefined;
  beats: Beat[];
  /**
   * What the client's clock says, in Unix milliseconds. Where it is off by more than a minute the service shifts the times of
   * the beats.
   */
  now?: number | undefined;
  /** The app wants beats of what looks like a bot to be counted too. */
  includeBots?: boolean | undefined;
  /** Sent when an anonymous installation signs in, beside a beat of the user: the two are one person. */
  link?: Link | undefined;
}

/** An anonymous installation that has signed in. */
export interface Link {
  anonymous: string;
  /** When it was first seen, in Unix milliseconds. */
  first?: number | undefined;
  /**
   * When it was active. Bit k of 32: on the day k days before that of `now`, as the client's zone cuts days. Or the days
   * themselves, `YYYY-MM-DD`, in the app's zone.
   */
  days?: number | string[] | undefined;
  /** What the client's clock says, in Unix milliseconds. */
  now?: number | undefined;
}

/** A beat that was refused, by its place in `beats`. The others of its batch are kept. */
export interface RejectedBeat {
  index: number;
  error: string;
}

/** The answer to `POST /v1/heartbeat`: everything counted in `accepted` is on disk. */
export interface HeartbeatResponse {
  accepted: number;
  /** The first hundred that were rejected. */
  rejected: RejectedBeat[];
  /** How many more were. */
  unlisted?: number | undefined;
  /** Seconds until the next heartbeat makes a difference. */
  interval: number;
  /** The token to send from now on, when it was time for another. The one before is good until this one is used. */
  token?: string | undefined;
  /** Names of dimensions that were left out of the beats because the app's settings don't declare them. */
  ignored?: string[] | undefined;
  /** The beats were taken but the link was not: send it again with a later beat. */
  linkDeferred?: boolean | undefined;
}

/** The body of `POST /v1/token`. */
export interface TokenRequest {
  key: string;
  /** The installation's own id, 1 to 256 characters. */
  client: string;
  /** A JWT that the app's backend signed; `sub` names the user. Apps with open identities may do without. */
  identity?: string | undefined;
  user?: string | undefined;
  anonymous?: string | undefined;
  /** As in a beat. */
  since?: string | number | undefined;
}

/** The answer to `POST /v1/token`. */
export interface TokenResponse {
  token: string;
  /** When it ends, in Unix milliseconds. */
  expires: number;
  /** From when on a heartbeat is answered with another, in Unix milliseconds. */
  rotate: number;
}

/** The answer to `POST /v1/activity`. */
export interface ActivityResponse {
  accepted: number;
  rejected: number;
  /** The first 20 refusals. `line` counts from 1: the line of NDJSON, or the place in `beats`. */
  errors: { line: number; error: string }[];
  /** Names of dimensions that were left out of the beats because the app's settings don't declare them. */
  ignored?: string[] | undefined;
}

/** The answer to `POST` and `DELETE /v1/links`. */
export interface LinkResponse {
  linked: boolean;
  /** Whether the past counts the two as one in every period. Where not, `reason` says why, and what to send. */
  exact?: boolean | undefined;
  reason?: string | undefined;
}

/** The answer to `POST /v1/links` with many links as NDJSON. */
export interface LinksResponse {
  linked: number;
  /** Of those, links whose past could not be told in every period: see `LinkResponse`. */
  inexact: number;
  rejected: number;
  /** The first 20 refusals. `line` counts from 1. */
  errors: { line: number; error: string }[];
}

/** The sub-protocol of `GET /v1/live`. */
export const liveProtocol = "headcount.v1";

/** The text that a client sends on an open socket at most every `pingIntervalMs`. It is answered with `pong`. */
export const pingText = "ping";
export const pongText = "pong";
export const pingIntervalMs = 30_000;

/** A message that can't be read, or one that isn't expected. The same again would fare the same. */
export const closedForBadMessage = 4400;
/** The key or token isn't good, or not for this. The same again would fare the same. */
export const closedForCredentials = 4401;
/** Too many: wait before the next. */
export const closedForTooMany = 4429;

/** Why the server closes a socket. The SDK's are constants of their own, which a bundler writes in place. */
export const closeCodes = {
  badMessage: closedForBadMessage,
  credentials: closedForCredentials,
  /** No first message in time. */
  late: 4408,
  tooMany: closedForTooMany,
  /** Nothing is wrong with the client: connect again later. */
  tryAgain: 1012,
} as const;

/** The body of every error (RFC 9457). `type` is a stable slug. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}

/** The width of the shortest period that is counted, and so the pace of heartbeats. */
export const slotMs = 300_000;

/** Characters in a user's id. Long enough for a UUID, an e-mail address or a DID; short enough to hash in a microsecond. */
export const maxUserIdLength = 256;

// Not `export type *`, which TypeScript 4.9 cannot read.
export * from "./answers.ts";
