import type { Credentials, Proof } from "../credentials.ts";
import { bodyOf } from "../heartbeat.ts";
import { newAnonymousId, shortHash } from "../identity.ts";
import { post } from "../post.ts";
import { openStore } from "../storage.ts";
import type { HeartbeatResponse, TokenRequest, TokenResponse } from "../wire.ts";
import type { TokenOptions } from "./options.ts";

/** What is kept beside what the core keeps. */
interface Kept {
  /** The installation's own id towards the token's issuer. */
  client?: string | undefined;
  /** A hash of the user whose token it is. */
  who?: string | undefined;
  token?: string | undefined;
}

/** The tokens of one app's users in this browser. All tabs share what is kept. */
export function openTokens(options: TokenOptions): Credentials {
  const { key, storage, persistence } = options;
  const { read, write } = openStore<Kept>({ storage, persistence }, `${key}:token`);
  let isOver = false;
  let cancel: (() => void) | undefined;
  let exchanging: { user: string; proof: Promise<Proof> } | undefined;

  async function exchange(user: string): Promise<Proof> {
    const { client = newAnonymousId() } = read();
    const identity = await options.getIdentity?.();
    if (isOver) throw Error("shut down");
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

  function refuse(proof: Proof): boolean {
    replace(proof, undefined);
    return !!proof.token;
  }

  function follow(proof: Proof, token: string | undefined): void {
    if (token) replace(proof, token);
  }

  return {
    end() {
      isOver = true;
      cancel?.();
    },

    proofFor,
    follow,
    refuse,

    async send(user, bodyWith, keepalive, started) {
      for (let isAgain = false; ; isAgain = true) {
        const proof = await proofFor(user);
        if (isOver) throw Error("shut down");
        try {
          const answer = await post<HeartbeatResponse>(
            options,
            "/v1/heartbeat",
            bodyWith(proof),
            keepalive,
            started,
          );
          follow(proof, answer?.token);
          return answer;
        } catch (problem) {
          if ((problem as Response).status !== 401 || !refuse(proof) || isAgain) throw problem;
        }
      }
    },

    /** Nobody waits for this: if it is lost, the token ends by itself. It has to outlive the page of a sign-out. */
    revoke() {
      const { token } = read();
      if (!token) return;
      replace({ token }, undefined);
      post(options, "/v1/heartbeat", bodyOf("", { token, invalidate: true }), true).catch(() => {});
    },
  };
}
