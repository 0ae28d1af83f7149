import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";

type Bytes = Uint8Array<ArrayBuffer>;
interface Key {
  bytes: Bytes;
  /** What was signed with it: isolates begin by the thousand, all with the same few keys. */
  signed: Map<string, ArrayBuffer>;
}
interface Sealing {
  iv: Bytes;
  additionalData: Bytes;
}

const tagBytes = 16;

/**
 * Web Crypto as far as the service uses it, with results that are there at once: the real one works on threads of its
 * own, whose moments no seed decides.
 */
export const subtle = {
  importKey: async (_format: string, bytes: Bytes): Promise<Key> =>
    keyOf(`raw ${text(bytes)}`, () => copy(bytes)),
  deriveKey: async ({ salt, info }: { salt: Bytes; info: Bytes }, { bytes }: Key): Promise<Key> =>
    keyOf(
      `derived ${text(bytes)} ${text(info)}`,
      () => new Uint8Array(hkdfSync("sha256", bytes, salt, info, 32)),
    ),
  digest: async (_name: string, data: Bytes) => buffer(createHash("sha256").update(data).digest()),
  async sign(_name: string, { bytes, signed }: Key, data: Bytes): Promise<ArrayBuffer> {
    let known = signed.get(text(data));
    if (known === undefined) {
      known = buffer(createHmac("sha256", bytes).update(data).digest());
      signed.set(text(data), known);
    }
    return known.slice(0);
  },
  encrypt: async ({ iv, additionalData }: Sealing, { bytes }: Key, data: Bytes) => {
    const cipher = createCipheriv("aes-256-gcm", bytes, iv).setAAD(additionalData);
    return buffer(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]));
  },
  decrypt: async ({ iv, additionalData }: Sealing, { bytes }: Key, data: Bytes) => {
    const decipher = createDecipheriv("aes-256-gcm", bytes, iv).setAAD(additionalData);
    decipher.setAuthTag(data.subarray(-tagBytes));
    return buffer(Buffer.concat([decipher.update(data.subarray(0, -tagBytes)), decipher.final()]));
  },
};

const keys = new Map<string, Key>();

function keyOf(name: string, make: () => Bytes): Key {
  let key = keys.get(name);
  if (key === undefined) {
    key = { bytes: make(), signed: new Map() };
    keys.set(name, key);
  }
  return key;
}

function text(bytes: Bytes): string {
  // Keys come as bare buffers too.
  return Buffer.from(bytes).toString("latin1");
}

function copy(bytes: Bytes): Bytes {
  return new Uint8Array(bytes);
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
