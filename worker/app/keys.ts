import type { Role } from "../roles.ts";
import { decodeBase64Url, encodeBase64Url, hex, utf8 } from "../bytes.ts";

/** Who a valid key speaks for. */
export interface Grant {
  app: string;
  role: Role;
  /** Keys of a revision below the app's `keyRevision` setting are retired. */
  revision: number;
}

/** Names of apps: lower-case letters, digits and hyphens. */
export const appPattern = /^[a-z0-9-]{1,40}$/;

/** What the token of a shared view permits. */
export interface ViewGrant {
  app: string;
  /** The revision of the app's share keys for which it was made. */
  revision: number;
  /** The view, as text. */
  view: string;
}

const keyPattern = /^hc_(pub|read|secret|share)_([a-z0-9-]{1,40})(?:_r([1-9][0-9]{0,5}))?_[A-Za-z0-9_-]{22}$/;
const viewPattern =
  /^hc_view_([a-z0-9-]{1,40})(?:_r([1-9][0-9]{0,5}))?_[A-Za-z0-9_-]{22}\.([A-Za-z0-9_-]{1,3000})$/;
const minSecretBytes = 32;
const macBytes = 16;
/** More than the apps that one isolate remembers have. */
const maxKnownKeys = 2000;

/** Everything that is derived from one secret. Nothing of it is stored anywhere. */
export class KeyRing {
  readonly #macKey: CryptoKey;
  readonly #hashKey: CryptoKey;
  readonly #sealKey: CryptoKey;
  /** The MAC of the secret itself. */
  readonly #secretMac: string;
  /** Keys that are known to be valid: each heartbeat has one, and a MAC costs more than most else that is done for it. */
  readonly #valid = new Map<string, Grant>();

  private constructor(macKey: CryptoKey, hashKey: CryptoKey, sealKey: CryptoKey, secretMac: string) {
    this.#macKey = macKey;
    this.#hashKey = hashKey;
    this.#sealKey = sealKey;
    this.#secretMac = secretMac;
  }

  /**
   * @param secret at least 32 random bytes in base64url
   * @throws RangeError that says what would be right
   */
  static async from(secret: string | undefined): Promise<KeyRing> {
    const bytes = secret === undefined ? null : decodeBase64Url(secret);
    if (bytes === null || bytes.length < minSecretBytes) {
      throw new RangeError(`HEADCOUNT_SECRET: expected at least ${minSecretBytes} random bytes in base64url`);
    }
    const master = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
    const derive = (info: string) =>
      crypto.subtle.deriveKey(
        { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(info) },
        master,
        { name: "HMAC", hash: "SHA-256", length: 256 },
        false,
        ["sign"],
      );
    const macKey = await derive("headcount/api-keys/1");
    const [hashKey, sealKey] = [await derive("headcount/user-hash/1"), await derive("headcount/seal/1")];
    return new KeyRing(macKey, hashKey, sealKey, hex(await macOf(macKey, `service\n${secret}`)));
  }

  /**
   * Whether this is the very secret from which the keys are derived. MACs are compared, so that the time it takes says nothing of
   * the secret.
   */
  async isSecret(text: string): Promise<boolean> {
    return isSame(hex(await macOf(this.#macKey, `service\n${text}`)), this.#secretMac);
  }

  /** A name that goes with this secret alone and tells nothing of it, such as that of the directory of its apps: 32 hexadecimal digits. */
  async nameFor(use: "directory"): Promise<string> {
    return hex(await macOf(this.#macKey, `name\n${use}`)).slice(0, 32);
  }

  /** The key of an app for a role, as `hc_ROLE_APP_MAC`; later revisions as `hc_ROLE_APP_rN_MAC`. */
  async keyFor(app: string, role: Role, revision = 0): Promise<string> {
    const signed = revision === 0 ? "" : `\n${revision}`;
    return `hc_${role}_${app}_${shownRevision(revision)}${await this.#tagOf(`${role}\n${app}${signed}`)}`;
  }

  /** Whom a key speaks for, or null when it was not made from this secret. Guesses are compared in constant time. */
  async verify(key: string): Promise<Grant | null> {
    const known = this.#valid.get(key);
    if (known !== undefined) return known;
    const [, role, app, revision = "0"] = keyPattern.exec(key) ?? [];
    if (role === undefined || app === undefined) return null;
    const grant = { app, role: role as Role, revision: Number(revision) };
    if (!isSame(await this.keyFor(app, grant.role, grant.revision), key)) return null;
    if (this.#valid.size >= maxKnownKeys) this.#valid.clear();
    this.#valid.set(key, grant);
    return grant;
  }

  /**
   * The token of a view that is shared, as `hc_view_APP_MAC.VIEW`; of later revisions as `hc_view_APP_rN_MAC.VIEW`. The view can be
   * read from it, and not be changed.
   */
  async viewTokenFor({ app, revision, view }: ViewGrant): Promise<string> {
    const tag = await this.#tagOf(`view\n${app}\n${revision}\n${view}`);
    return `hc_view_${app}_${shownRevision(revision)}${tag}.${encodeBase64Url(utf8(view))}`;
  }

  /** What the token of a view permits, or null when it was not made from this secret. Compares in constant time. */
  async verifyView(token: string): Promise<ViewGrant | null> {
    const [, app, revision = "0", text = ""] = viewPattern.exec(token) ?? [];
    const bytes = decodeBase64Url(text);
    if (app === undefined || bytes === null) return null;
    const grant = { app, revision: Number(revision), view: new TextDecoder().decode(bytes) };
    return isSame(await this.viewTokenFor(grant), token) ? grant : null;
  }

  /** 32 bytes from which an app's users are hashed. */
  async userHashKey(app: string): Promise<Uint8Array<ArrayBuffer>> {
    return macOf(this.#hashKey, app);
  }

  /** An address, so that limits can tell it from others without knowing it. */
  async hashAddress(address: string): Promise<Uint8Array> {
    return (await macOf(this.#macKey, `address\n${address}`)).subarray(0, macBytes);
  }

  /** The key (AES-256-GCM) with which an app's tokens, or what its settings hold in secret, are sealed. */
  async sealingKey(app: string, use: "token" | "settings"): Promise<CryptoKey> {
    const bytes = await macOf(this.#sealKey, `${use}\n${app}`);
    return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  /** What proves in a key or a token that it was made from this secret. */
  async #tagOf(text: string): Promise<string> {
    return encodeBase64Url((await macOf(this.#macKey, text)).subarray(0, macBytes));
  }
}

/** An HMAC. Of those by one key, what begins with a role's name and a line feed is a role's key: no other text may. */
async function macOf(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
}

/** How a revision stands in a key: the first one doesn't. */
function shownRevision(revision: number): string {
  return revision === 0 ? "" : `r${revision}_`;
}

/** Compares texts of equal length without telling by its duration where they differ. */
function isSame(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
