import { KeyRing } from "../../worker/app/keys.ts";
import { UserHasher } from "../../worker/ingest/user-hasher.ts";

/** The app that is simulated, and the secret of the service that it is in. */
export const app = "simulated";
export const secret = Buffer.alloc(32, 7).toString("base64url");

/** What the app's clients and servers hold, and how its users are hashed. */
export interface Keys {
  pub: string;
  /** The public key of the revision before. */
  oldPub: string;
  secret: string;
  hasher: UserHasher;
}

export async function keysOf(name: string): Promise<Keys> {
  const ring = await KeyRing.from(secret);
  return {
    pub: await ring.keyFor(name, "pub", 1),
    oldPub: await ring.keyFor(name, "pub"),
    secret: await ring.keyFor(name, "secret", 1),
    hasher: await UserHasher.from(await ring.userHashKey(name)),
  };
}
