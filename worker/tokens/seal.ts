const nonceBytes = 12;

/**
 * Seals bytes with AES-256-GCM (NIST SP 800-38D): 12 bytes of nonce, then what was sealed, then 16 bytes of tag.
 *
 * @param context what the bytes are for; they open with the same alone
 * @param now Unix milliseconds. The nonce is the second and 64 random bits: two nonces of one key meet only within one
 * second, if ever, however many are sealed over the years
 */
export async function seal(
  key: CryptoKey,
  context: string,
  bytes: Uint8Array<ArrayBuffer>,
  now: number,
): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  new DataView(nonce.buffer).setUint32(0, now / 1000);
  const sealed = await crypto.subtle.encrypt(parameters(nonce, context), key, bytes);
  const all = new Uint8Array(nonceBytes + sealed.byteLength);
  all.set(nonce);
  all.set(new Uint8Array(sealed), nonceBytes);
  return all;
}

/** What was sealed, or null when it was not with this key for this context, or was changed since. */
export async function unseal(
  key: CryptoKey,
  context: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const nonce = sealed.subarray(0, nonceBytes);
    return new Uint8Array(
      await crypto.subtle.decrypt(parameters(nonce, context), key, sealed.subarray(nonceBytes)),
    );
  } catch {
    return null;
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, context: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(context) };
}
