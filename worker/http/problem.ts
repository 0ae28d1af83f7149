import type { Problem } from "../../sdk/wire.ts";
import type { Result } from "../result.ts";

/** Every reason to refuse a request: the stable `type` of its problem document (RFC 9457), its title and status. */
const problems = {
  "malformed-address": { status: 400, title: "The URL can't be read" },
  "malformed-body": { status: 400, title: "The body can't be read" },
  "invalid-query": { status: 400, title: "The query can't be read" },
  "credentials-missing": { status: 401, title: "A key is needed" },
  "credentials-invalid": { status: 401, title: "The key isn't valid" },
  "token-invalid": { status: 401, title: "The token isn't valid" },
  "token-expired": { status: 401, title: "The token has expired" },
  "token-reused": { status: 401, title: "The token was used again after it had been replaced" },
  "token-revoked": { status: 401, title: "The token was revoked" },
  "identity-required": { status: 401, title: "A signed identity is needed" },
  "identity-invalid": { status: 401, title: "The identity isn't valid" },
  "wrong-role": { status: 403, title: "The key doesn't allow this" },
  "origin-not-allowed": { status: 403, title: "The origin may not report activity for this app" },
  "not-found": { status: 404, title: "Not found" },
  "upgrade-required": { status: 426, title: "This endpoint needs a WebSocket" },
  "unknown-subprotocol": { status: 400, title: "The sub-protocol isn't supported" },
  "method-not-allowed": { status: 405, title: "The method isn't allowed here" },
  "request-timeout": { status: 408, title: "The body arrived too slowly" },
  full: { status: 409, title: "A limit of the app is reached" },
  conflict: { status: 409, title: "The body conflicts with the app's data" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body's type isn't supported" },
  "damaged-export": { status: 422, title: "The export is damaged" },
  "nothing-accepted": { status: 422, title: "Everything in the body was refused" },
  "invalid-settings": { status: 422, title: "The settings aren't valid" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "internal-error": { status: 500, title: "Internal error" },
  "not-configured": { status: 503, title: "The service isn't set up" },
  overloaded: { status: 503, title: "The service is overloaded at the moment" },
  "keys-unavailable": { status: 503, title: "The keys for signed identities can't be fetched at the moment" },
  unavailable: { status: 503, title: "Storage can't be reached at the moment" },
} as const;

export type Reason = keyof typeof problems;

/** A request that is refused, with words for whoever sent it. Never put a user's id into `detail`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;
  readonly detail: string;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;

  /**
   * @param detail what was wrong, where, and what would be right
   * @param members further members of the problem document
   */
  constructor(
    reason: Reason,
    detail: string,
    headers: Record<string, string> = {},
    members: Record<string, unknown> = {},
  ) {
    super(detail);
    this.reason = reason;
    this.detail = detail;
    this.headers = headers;
    this.members = members;
  }
}

/** Every type of problem, with its status. */
export function problemTypes(): [type: string, status: number][] {
  return Object.entries(problems).map(([type, { status }]) => [type, status]);
}

/** The HTTP status of a refusal. */
export function statusOf({ reason }: Refusal): number {
  return problems[reason].status;
}

/** The problem document for a refusal. */
export function problemResponse({ reason, detail, headers, members }: Refusal): Response {
  const { status, title } = problems[reason];
  const problem: Problem = { type: reason, title, status, detail };
  return new Response(JSON.stringify({ ...problem, ...members }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** What was found good. Where it was not, its words become a `Refusal`: pure code returns, and only the edge throws. */
export function orRefuse<Value>(result: Result<Value, string>, reason: Reason): Value {
  if (!result.ok) throw new Refusal(reason, result.error);
  return result.value;
}
