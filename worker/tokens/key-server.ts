import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { textWithin } from "../http/body.ts";
import { outsideUrl } from "../http/outside-url.ts";
import { jwksLimits } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";

/** The keys could not be fetched: nothing is known about the identity. The words say why. */
export class KeysUnreachable extends Error {
  override readonly name = "KeysUnreachable";
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** What a server of keys is asked with. */
export interface KeyServerAccess {
  fetch: Fetch;
  /** Origins that may be asked though they are of a private network, or by http. */
  allowed: readonly string[];
  /** Unix milliseconds. */
  now: () => number;
}

/** The setting as a URL that may be asked, or in words why it may not. */
export function keyServerUrl(text: string, allowed: readonly string[]): Result<URL> {
  const instead = '; or set the keys themselves: jwt: {"keys":[…]}';
  return outsideUrl(text, allowed, { name: "jwks", variable: "HEADCOUNT_JWKS_ALLOW", instead });
}

/**
 * Public keys at a URL. They are fetched again after ten minutes, and when one is asked for that isn't known, but then at most
 * every thirty seconds; after a failure no sooner either.
 */
export function remoteKeys(text: string, { fetch, allowed, now }: KeyServerAccess): JWTVerifyGetKey {
  const url = keyServerUrl(text, allowed);
  if (!url.ok) return () => Promise.reject(new KeysUnreachable(url.error));
  let failure: { at: number; words: string } | null = null;
  const keys = createRemoteJWKSet(url.value, {
    timeoutDuration: jwksLimits.timeoutMs,
    cooldownDuration: jwksLimits.coolDownMs,
    [customFetch]: async (_, options) => {
      if (failure !== null && now() - failure.at < jwksLimits.coolDownMs && now() >= failure.at) {
        throw new KeysUnreachable(failure.words);
      }
      const got = await keySet(() => fetch(url.value.href, options));
      failure = got.ok ? null : { at: now(), words: `jwks: ${got.error}` };
      if (!got.ok) throw new KeysUnreachable(`jwks: ${got.error}`);
      return Response.json(got.value);
    },
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error) || error instanceof KeysUnreachable) throw error;
      throw new KeysUnreachable("jwks: expected a JSON Web Key Set whose keys can be read");
    }
  };
}

/** Whether an error of the library is about what was sent, and not about the keys. */
export function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** A key set as it is answered, or in words what is wrong with the answer. */
async function keySet(ask: () => Promise<Response>): Promise<Result<{ keys: object[] }>> {
  let response: Response;
  let text: string | null;
  try {
    response = await ask();
    if (response.status !== 200) {
      await response.body?.cancel();
      return refused(`the server answered ${response.status}: expected 200`);
    }
    text = await textWithin(response.body ?? [], jwksLimits.bytes, new TextDecoder());
  } catch (error) {
    return refused(
      error instanceof Error && ["TimeoutError", "AbortError"].includes(error.name)
        ? `the server didn't answer within ${jwksLimits.timeoutMs / 1000} s`
        : "the server can't be reached",
    );
  }
  if (text === null) return refused(`the answer is larger than ${jwksLimits.bytes} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refused("the answer isn't JSON");
  }
  const keys = (body as { keys?: unknown } | null)?.keys;
  const isSet = Array.isArray(keys) && keys.every((key) => typeof key === "object" && key !== null);
  return isSet ? ok({ keys: keys as object[] }) : refused("the answer isn't a JSON Web Key Set");
}
