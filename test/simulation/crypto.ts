import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";

type Bytes = Uint8Array<ArrayBuffer>;
interface Key {
  bytes: Bytes;
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
  importKey: async (_format: string, bytes: Bytes): Promise<Key> => ({ bytes: copy(bytes) }),
  deriveKey: async ({ salt, info }: { salt: Bytes; info: Bytes }, { bytes }: Key): Promise<Key> => ({
    bytes: new Uint8Array(hkdfSync("sha256", bytes, salt, info, 32)),
  }),
  digest: async (_name: string, data: Bytes) => buffer(createHash("sha256").update(data).digest()),
  sign: async (_name: string, { bytes }: Key, data: Bytes) =>
    buffer(createHmac("sha256", bytes).update(data).digest()),
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

function copy(bytes: Bytes): Bytes {
  return new Uint8Array(bytes);
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
