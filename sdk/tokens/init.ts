import { newAnonymousId, shortHash } from "../identity.ts";
import { init as initCore } from "../init.ts";
import type { Headcount, Options } from "../options.ts";
import { openStore } from "../storage.ts";
import type { HeartbeatRequest, HeartbeatResponse, TokenRequest, TokenResponse } from "../wire.ts";

export interface TokenOptions extends Options {
  /**
   * A JWT that the app's own backend has signed for whoever is signed in; `sub` is the id that `identify()` is given.
   * Asked for when there is no good token: about once in three weeks for each installation. Without it the id is
   * taken on trust, where the app's `identity` setting is `open`.
   */
  getIdentity?: (() => string | Promise<string>) | undefined;
}

/** What is kept beside what the core keeps. */
interface Kept {
  /** The installation's own id towards the token's issuer. */
  client?: string;
  /** A short hash of the user whose token it is. */
  who?: string;
  token?: string | undefined;
}

const running = new WeakMap<Headcount, Headcount>();

/**
 * As the core's `init()`, but beats of a signed-in user go out with a token in place of the public key: exchanged once
 * for a credential, kept and shared by all tabs, replaced when the server says so, exchanged anew when it isn't good
 * any more. `reset()` and `optOut()` revoke it. Anonymous installations go on with the public key.
 */
export function init(options: TokenOptions): Headcount {
  const { endpoint, key, storage, persistence, getIdentity } = options;
  const [read, write] = openStore<Kept>({ key: `${key}:token`, storage, persistence });
  let exchanging: Promise<string> | undefined;

  const post = (path: string, body: Partial<HeartbeatRequest> | TokenRequest): Promise<Response> =>
    (options.fetch ?? fetch)(endpoint + path, {
      method: "POST",
      body: JSON.stringify(body),
      keepalive: true,
    });

  async function exchange(user: string): Promise<string> {
    const { client = newAnonymousId() } = read();
    const identity = await getIdentity?.();
    const response = await post("/v1/token", {
      key,
      client,
      identity,
      user: identity === undefined ? user : undefined,
    });
    if (!response.ok) throw response;
    const { token } = (await response.json()) as TokenResponse;
    write({ client, who: shortHash(user), token });
    return token;
  }

  /** The user's token; of several that ask at once for a new one, one does it for all. */
  function tokenOf(user: string): Promise<string> {
    const { who, token } = read();
    if (token !== undefined && who === shortHash(user)) return Promise.resolve(token);
    exchanging ??= exchange(user).finally(() => {
      exchanging = undefined;
    });
    return exchanging;
  }

  /** Keeps the token that follows, if this one is still the one in use. */
  function follow(token: string, next: string | undefined): void {
    const kept = read();
    if (next !== undefined && kept.token === token) write({ ...kept, token: next });
  }

  function forget(token: string): void {
    const kept = read();
    if (kept.token === token) write({ ...kept, token: undefined });
  }

  async function sendWithToken(body: HeartbeatRequest, user: string): Promise<Response> {
    for (let isAgain = false; ; isAgain = true) {
      const token = await tokenOf(user);
      const response = await post("/v1/heartbeat", { ...body, key: undefined, token });
      if (response.ok) follow(token, ((await response.clone().json()) as HeartbeatResponse).token);
      if (response.status !== 401) return response;
      forget(token);
      if (isAgain) return response;
    }
  }

  const core = initCore({
    ...options,
    fetch: (url, request) => {
      const body = JSON.parse(request?.body as string) as HeartbeatRequest;
      const user = body.beats[0]?.user;
      return user === undefined ? (options.fetch ?? fetch)(url, request) : sendWithToken(body, user);
    },
    tokenOf,
    follow,
    forget,
  } as Options);

  /** Nobody waits for this: if it is lost, the token ends by itself. */
  function revoke(): void {
    const { token } = read();
    if (token === undefined) return;
    forget(token);
    post("/v1/heartbeat", { token, beats: [], invalidate: true }).catch(() => {});
  }

  const present = running.get(core);
  if (present) return present;
  const headcount: Headcount = {
    ...core,
    reset() {
      core.reset();
      revoke();
    },
    optOut() {
      core.optOut();
      revoke();
    },
  };
  running.set(core, headcount);
  return headcount;
}
