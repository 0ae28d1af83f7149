import type { Proof } from "../credentials.ts";
import { bodyOf, type Core } from "../heartbeat.ts";
import { newAnonymousId, shortHash } from "../identity.ts";
import type { Options } from "../options.ts";
import { post } from "../post.ts";
import { openStore } from "../storage.ts";
import type { HeartbeatRequest, HeartbeatResponse, TokenRequest, TokenResponse } from "../wire.ts";
import type { TokenOptions } from "./options.ts";

/** What is kept beside what the core keeps. */
interface Kept {
  /** The installation's own id towards the token's issuer. */
  client?: string | undefined;
  /** A hash of the user whose token it is. */
  who?: string | undefined;
  token?: string | undefined;
}

/**
 * An instance whose users are proved by tokens: each heartbeat passes here on its way out and gets the token of its user in
 * place of the public key. All tabs share what is kept.
 */
export function withTokens(options: TokenOptions, start: (options: Options) => Core): Core {
  const { key, storage, persistence } = options;
  const { read, write } = openStore<Kept>({ storage, persistence }, `${key}:token`);
  let cancel: (() => void) | undefined;
  let exchanging: { user: string; proof: Promise<Proof> } | undefined;

  async function exchange(user: string): Promise<Proof> {
    const { client = newAnonymousId() } = read();
    const identity = await options.getIdentity?.();
    if (exchanging?.user !== user) throw Error("signed out");
    const request: TokenRequest = { key, client, identity, user: identity === undefined ? user : undefined };
    const { token } = await post<TokenResponse>(
      options,
      "/v1/token",
      JSON.stringify(request),
      false,
      (started) => {
        cancel = started;
      },
    );
    if (exchanging?.user !== user) throw Error("signed out");
    write({ client, who: shortHash(user), token });
    return { token };
  }

  function replace(proof: Proof, token: string | undefined): void {
    const kept = read();
    if (kept.token && kept.token === proof.token) write({ ...kept, token });
  }

  /** Of several that ask at once for a user's new token, one exchange does it for all. */
  async function proofFor(user: string | undefined): Promise<Proof> {
    if (user === undefined) return { key };
    const { who, token } = read();
    if (token && who === shortHash(user)) return { token };
    if (exchanging?.user !== user) {
      const proof = exchange(user).finally(() => {
        if (exchanging?.proof === proof) exchanging = undefined;
      });
      exchanging = { user, proof };
    }
    return exchanging.proof;
  }

  function giveUp(): void {
    exchanging = undefined;
    cancel?.();
  }

  function refuse(proof: Proof): boolean {
    replace(proof, undefined);
    return !!proof.token;
  }

  function follow(proof: Proof, token: string | undefined): void {
    if (token) replace(proof, token);
  }

  /** Posts a heartbeat, and once more where its token is refused. */
  const send: typeof fetch = async (address, request) => {
    const body = request!.body as string;
    const { user } = (JSON.parse(body) as HeartbeatRequest).beats[0]!;
    for (let isAgain = false; ; isAgain = true) {
      const proof = await proofFor(user);
      if (request!.signal!.aborted) throw Error("shut down");
      const response = await (options.fetch ?? fetch)(address, {
        ...request,
        // The key is the body's first member. All that follows stays as it is written.
        body: JSON.stringify(proof).slice(0, -1) + body.slice(JSON.stringify({ key }).length - 1),
      });
      if (response.status === 401 && refuse(proof) && !isAgain) continue;
      if (response.ok) follow(proof, ((await response.clone().json()) as HeartbeatResponse | null)?.token);
      return response;
    }
  };

  /** Nobody waits for this: if it is lost, the token ends by itself. It has to outlive the page of a sign-out. */
  function revoke(): void {
    // What is being exchanged is nobody's any more.
    giveUp();
    const { token } = read();
    if (!token) return;
    replace({ token }, undefined);
    post(options, "/v1/heartbeat", bodyOf({ token, invalidate: true }), true).catch(() => {});
  }

  const core = start({ ...options, fetch: send });
  const inner = { ...core };
  core.atEnd(giveUp);
  return Object.assign(core, {
    credentials: { proofFor, follow, refuse },
    reset() {
      inner.reset();
      revoke();
    },
    optOut() {
      inner.optOut();
      revoke();
    },
  });
}
