/** What proves in a body where it comes from. */
export interface Proof {
  key?: string | undefined;
  token?: string | undefined;
}

/** How an instance proves where beats come from when that is not simply the public key. */
export interface Credentials {
  /** A proof for a user, or for an anonymous installation. May have to ask for one, and rejects where there is none. */
  proofFor: (user: string | undefined) => Promise<Proof>;
  /** Keeps the token that follows, if this one is still in use. */
  follow: (proof: Proof, token: string | undefined) => void;
  /** The server doesn't take this one. Returns whether there may be another. */
  refuse: (proof: Proof) => boolean;
}
