import type { HeartbeatResponse } from "./wire.ts";

/** What proves in a body where it comes from. */
export interface Proof {
  key?: string | undefined;
  token?: string | undefined;
}

/** How beats prove where they come from when that is not simply the public key. */
export interface Credentials {
  /**
   * Posts a heartbeat with a proof for this user, and again with another where the first is refused.
   *
   * @param bodyWith makes the body with a proof in it
   */
  send: (
    user: string | undefined,
    bodyWith: (proof: Proof) => string,
    keepalive: boolean,
    started: (cancel: () => void) => void,
  ) => Promise<HeartbeatResponse>;
  /** A proof for a user, or for an anonymous installation. May have to ask for one, and rejects where there is none. */
  proofFor: (user: string | undefined) => Promise<Proof>;
  /** Keeps the token that follows, if this one is still in use. */
  follow: (proof: Proof, token: string | undefined) => void;
  /** The server doesn't take this one. Returns whether there may be another. */
  refuse: (proof: Proof) => boolean;
  /** The instance is shut down: what is being asked for is not followed up. */
  end: () => void;
  /** Somebody signs out or opts out. */
  revoke: () => void;
}
