/** Why a question was not answered, in words for whoever asked. */
export class AskProblem extends Error {
  override readonly name = "AskProblem";
  /** What to do about it. */
  readonly remedy: string;
  /** Whether the key itself was refused, so that only another one helps. */
  readonly isKey: boolean;
  /** How long the service asks to be left alone, in milliseconds; 0 when it says nothing. */
  readonly retryAfterMs: number;
  /** The least revision of a key that is taken, where one of an earlier revision was refused; else 0. */
  readonly keyRevision: number;

  constructor(
    message: string,
    remedy: string,
    { isKey = false, retryAfterMs = 0, keyRevision = 0 }: AskProblemFacts = {},
  ) {
    super(message);
    this.remedy = remedy;
    this.isKey = isKey;
    this.retryAfterMs = retryAfterMs;
    this.keyRevision = keyRevision;
  }
}

type AskProblemFacts = Partial<Pick<AskProblem, "isKey" | "retryAfterMs" | "keyRevision">>;

const asking = new Map<string, Promise<unknown>>();

/**
 * Asks the service this page came from. Panels that ask the same at the same time share one request; the browser's
 * cache revalidates by ETag. Rejects with an `AskProblem`.
 */
export function ask<Answer>(path: string, key: string): Promise<Answer> {
  const id = `${key} ${path}`;
  let answer = asking.get(id);
  if (answer === undefined) {
    answer = fetchAnswer(path, key).finally(() => asking.delete(id));
    asking.set(id, answer);
  }
  return answer as Promise<Answer>;
}

/** Makes a link to a view of panels. Rejects with an `AskProblem`. */
export function makeLink(view: { panels: readonly string[] }, key: string): Promise<{ path: string }> {
  const init = { method: "POST", body: JSON.stringify(view) };
  return fetchAnswer("/v1/share", key, init) as Promise<{ path: string }>;
}

export type Sent = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** Sends a request with a key. Gives the answer, which may be a refusal; rejects with an `AskProblem` where none comes. */
export async function reach(path: string, key: string, init: Sent): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${key}` };
  try {
    return await fetch(path, { ...init, headers, credentials: "omit" });
  } catch (error) {
    throw (error as Error).name === "TimeoutError"
      ? new AskProblem("No answer came within 30 seconds.", "The service may be busy.")
      : new AskProblem("The service can't be reached.", "Check that it runs and that you are online.");
  }
}

async function fetchAnswer(path: string, key: string, init: Sent = {}): Promise<unknown> {
  const response = await reach(path, key, { ...init, signal: AbortSignal.timeout(30_000) });
  if (response.ok) return response.json();
  throw await problemOf(response, key.startsWith("hc_view_"));
}

/** @param isShared whether the link of a shared view asks */
async function problemOf(response: Response, isShared: boolean): Promise<AskProblem> {
  const { status, headers } = response;
  const { detail, keyRevision } = (await response.json().catch(() => ({}))) as {
    detail?: string;
    keyRevision?: number;
  };
  const said = detail === undefined ? "" : ` It says: ${detail}.`;
  // A day that has just ended is asked for once more: the next question is of the new one.
  if (isShared && status === 403) return new AskProblem("This link doesn't show that.", "Reload the page.");
  if (status === 401) {
    return new AskProblem(
      `This key isn't valid here${detail === undefined ? "" : `: ${detail}`}.`,
      "Sign in with another key.",
      {
        isKey: true,
        ...(keyRevision !== undefined && { keyRevision }),
      },
    );
  }
  if (status === 403) {
    return new AskProblem("This key may not read figures.", "Sign in with the app's read key.", {
      isKey: true,
    });
  }
  const retryAfterMs = Number(headers.get("retry-after")) * 1000 || 0;
  if (status === 429) {
    return new AskProblem("There were too many requests at once.", "Wait a moment.", { retryAfterMs });
  }
  if (status >= 500) {
    return new AskProblem(`The service failed (${status}).${said}`, "Nothing that was counted is lost.", {
      retryAfterMs,
    });
  }
  return new AskProblem(`The service refused the request (${status}).${said}`, "Reload the page.");
}
