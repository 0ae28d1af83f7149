import type { UserHash } from "../counting/user-hash.ts";
import { entryOf, SipHasher } from "../sketch/index.ts";

/**
 * Hashes the users of one app with its own secret key, so that nobody without the key can tell whom a sketch
 * holds. Ids of signed-in users and of anonymous installations live in separate name spaces: they never collide.
 */
export class UserHasher {
  /** The first 32 bits of the key's fingerprint: sketches made with another key refuse to merge with these. */
  readonly keyId: number;
  readonly #users: SipHasher;
  readonly #anonymous: SipHasher;
  readonly #words = new Uint32Array(2);

  private constructor(key: Uint8Array, keyId: number) {
    this.keyId = keyId;
    this.#users = new SipHasher(key.slice(0, 16));
    this.#anonymous = new SipHasher(key.slice(16, 32));
  }

  /** @param key 32 bytes, see `KeyRing.userHashKey` */
  static async from(key: Uint8Array<ArrayBuffer>): Promise<UserHasher> {
    const fingerprint = await crypto.subtle.digest("SHA-256", key);
    return new UserHasher(key, new DataView(fingerprint).getUint32(0));
  }

  /** The id of an installation as 64 bits. It names rows of tokens and is counted nowhere. */
  hashClient(id: string): [number, number] {
    this.#anonymous.hash(`client\n${id}`, this.#words);
    return [...this.#words] as [number, number];
  }

  /** A number from 0 to 1 that is always the same for a name, and that nobody without the key can tell. */
  hidden(name: string): number {
    this.#anonymous.hash(`hidden\n${name}`, this.#words);
    return (this.#words[0] as number) / 2 ** 32;
  }

  /** @param id as the app names the user; hashed as UTF-8, without any normalisation */
  hash(space: "user" | "anonymous", id: string): UserHash {
    (space === "user" ? this.#users : this.#anonymous).hash(id, this.#words);
    const [hi, lo] = this.#words as unknown as [number, number];
    return { entry: entryOf(hi, lo), shardHash: lo };
  }
}
