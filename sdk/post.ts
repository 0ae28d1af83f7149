import { timeoutMs } from "./limits.ts";
import type { Options } from "./options.ts";

/** Where a path of the service lies. */
export function addressOf(endpoint: string, path: string): string {
  // Some give a URL.
  return "".concat(endpoint).replace(/\/*$/, path);
}

/**
 * Posts a body and gives the answer's JSON. Without an answer in time the request is cancelled. Rejects with the `Response`
 * where it is no success, else with an `Error`.
 *
 * @param started is given what cancels the request
 */
export function post<Answer>(
  { endpoint, fetch: send = fetch }: Pick<Options, "endpoint" | "fetch">,
  path: string,
  body: string,
  keepalive: boolean,
  started?: (cancel: () => void) => void,
): Promise<Answer> {
  const abort = new AbortController();
  const { signal } = abort;
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      // A wrapped `fetch` may know nothing of signals.
      reject(Error("no answer"));
      abort.abort();
    };
    const timer = setTimeout(cancel, timeoutMs);
    started?.(cancel);
    // Without a content type of ours the browser sends `text/plain`, which needs no preflight. No `sendBeacon`: it hides
    // the answer, and ad blockers block it.
    async function ask(): Promise<Answer> {
      const response = await send(addressOf(endpoint, path), { method: "POST", body, keepalive, signal });
      if (!response.ok) throw response;
      return response.json() as Promise<Answer>;
    }
    ask()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
