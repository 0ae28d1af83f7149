import { forEveryRole, type KeyRevisions } from "../worker/counting/key-revisions.ts";
import { keysOf } from "./data-folder.ts";

/** How long a service may take to say which keys of an app are good. */
const patienceMs = 5000;

/**
 * The revisions of an app's keys that a running service takes, or null where there is none that answers, or one of another secret.
 * It is asked with the first secret key: where that is retired the answer says which one is not.
 */
export async function revisionsAt(url: string, secret: string, app: string): Promise<KeyRevisions | null> {
  let revision = 0;
  for (;;) {
    const { secret: key } = await keysOf(secret, app, forEveryRole(revision));
    const answer = await ask(`${url}/v1/settings`, key);
    if (answer === null) return null;
    const { status, body } = answer;
    if (status === 200) return body.keyRevisions ?? forEveryRole(body.keyRevision ?? 0);
    // Each answer names a later one, or it is not about a retired key.
    if (status !== 401 || (body.keyRevision ?? 0) <= revision) return null;
    revision = body.keyRevision ?? 0;
  }
}

interface Told {
  keyRevision?: number;
  keyRevisions?: KeyRevisions;
}

async function ask(url: string, key: string): Promise<{ status: number; body: Told } | null> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    return { status: response.status, body: (await response.json()) as Told };
  } catch {
    return null;
  }
}
