import { decodeBase64Url, encodeBase64Url } from "../bytes.ts";
import type { UserHash } from "../counting/user-hash.ts";
import { dayMs } from "../limits.ts";
import { seal, unseal } from "./seal.ts";

/** What a token says. Times are Unix milliseconds. */
export interface TokenClaims {
  /** Whose activity it reports. */
  user: UserHash;
  space: "user" | "anonymous";
  /** Whether a signed identity, or a server, vouched for the user. */
  isVerified: boolean;
  /** The installation, as 64 bits of its hash. */
  client: readonly [number, number];
  /** The day on which the user first appeared, `YYYY-MM-DD`. */
  since: string | undefined;
  /** The shard that keeps the generation. It stays the same when there are more shards later. */
  shard: number;
  /** Which of the client's tokens this is: see `TokenBook`. */
  generation: number;
  issuedAt: number;
  expiresAt: number;
  /** By which key the first of this client's tokens was given, and its revision: they end with that key. */
  key: { role: "pub" | "secret"; revision: number };
  /** How often all tokens of the app had been revoked by then. */
  epoch: number;
}

/** One more than is used: with nonce and tag a multiple of three, so that no character has bits to spare. */
const claimBytes = 50;
/** Of the first release: its tokens are of the first revision and epoch. */
const formerClaimBytes = 41;

const tokenPattern = /^hc_tok_([a-z0-9-]{1,40})_([A-Za-z0-9_-]{92}|[A-Za-z0-9_-]{104})$/;

/** The app that a token names, or null for what has not the form of a token. It is not to be trusted before `openToken`. */
export function appOfToken(token: string): string | null {
  return tokenPattern.exec(token)?.[1] ?? null;
}

/**
 * A token for claims, bound to the app. It is not only signed but sealed, because a user's hash in the clear would let
 * its bearer pick ids by the registers that they raise.
 *
 * @param key the app's key, see `KeyRing.sealingKey`
 */
export async function sealToken(key: CryptoKey, app: string, claims: TokenClaims): Promise<string> {
  const sealed = await seal(key, contextOf(app), encodeClaims(claims), claims.issuedAt);
  return `hc_tok_${app}_${encodeBase64Url(sealed)}`;
}

/** What a token says, or null when it was not sealed with this key for this app, or was changed since. */
export async function openToken(key: CryptoKey, app: string, token: string): Promise<TokenClaims | null> {
  const [, named, text = ""] = tokenPattern.exec(token) ?? [];
  const bytes = named === app ? decodeBase64Url(text) : null;
  const opened = bytes && (await unseal(key, contextOf(app), bytes));
  const isWhole = opened?.length === claimBytes || opened?.length === formerClaimBytes;
  return isWhole ? decodeClaims(new DataView(opened.buffer)) : null;
}

function contextOf(app: string): string {
  return `headcount/token/1\n${app}`;
}

function encodeClaims(claims: TokenClaims): Uint8Array<ArrayBuffer> {
  const { user, space, isVerified, client, since, shard, generation, issuedAt, expiresAt, key, epoch } =
    claims;
  const view = new DataView(new ArrayBuffer(claimBytes));
  const flags = [space === "user", isVerified, since !== undefined, key.role === "secret"];
  view.setUint8(
    0,
    flags.reduce((bits, flag, bit) => bits | (Number(flag) << bit), 0),
  );
  view.setUint16(1, shard);
  view.setUint32(3, generation);
  view.setUint32(7, user.entry);
  view.setUint32(11, user.shardHash);
  view.setUint32(15, client[0]);
  view.setUint32(19, client[1]);
  // Days outside of 1970 to 2149 are kept as the nearest: who appeared when that is told by weeks of the last years.
  view.setUint16(23, Math.min(0xffff, Math.max(0, Date.parse(since ?? "1970-01-01") / dayMs)));
  view.setFloat64(25, issuedAt);
  view.setFloat64(33, expiresAt);
  view.setUint32(41, key.revision);
  view.setUint32(45, epoch);
  return new Uint8Array(view.buffer);
}

function decodeClaims(view: DataView): TokenClaims {
  const flags = view.getUint8(0);
  const isFormer = view.byteLength === formerClaimBytes;
  return {
    user: { entry: view.getUint32(7), shardHash: view.getUint32(11) },
    space: flags & 1 ? "user" : "anonymous",
    isVerified: (flags & 2) !== 0,
    client: [view.getUint32(15), view.getUint32(19)],
    since: flags & 4 ? new Date(view.getUint16(23) * dayMs).toISOString().slice(0, 10) : undefined,
    shard: view.getUint16(1),
    generation: view.getUint32(3),
    issuedAt: view.getFloat64(25),
    expiresAt: view.getFloat64(33),
    key: { role: flags & 8 ? "secret" : "pub", revision: isFormer ? 0 : view.getUint32(41) },
    epoch: isFormer ? 0 : view.getUint32(45),
  };
}

/** The id of a client's row in its shard: 8 bytes of the user, 8 of the client. */
export function tokenId({ user, client }: Pick<TokenClaims, "user" | "client">): Uint8Array {
  return words(user.entry, user.shardHash, ...client);
}

/** What the ids of all of a user's clients begin with. */
export function tokenIdPrefix(user: UserHash): Uint8Array {
  return words(user.entry, user.shardHash);
}

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value);
  return new Uint8Array(view.buffer);
}
