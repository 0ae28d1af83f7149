import type { Problem } from "../wire.ts";
import { HeadcountError } from "./error.ts";

/** The service as one app's server sees it. */
export interface Service {
  /** Without a slash at the end. */
  endpoint: string;
  secretKey: string;
  timeoutMs: number;
  fetch: typeof fetch | undefined;
}

/** A longer `Retry-After` is taken for this: nobody means to be away for weeks. */
const maxRetryAfterMs = 86_400_000;

/**
 * One request and its answer's JSON. Throws a `HeadcountError` (`unreachable`, `unavailable` or `refused`), or the
 * reason of `signal` if that is aborted.
 *
 * @param what the request in words, for the error's message
 */
export async function callService(
  service: Service,
  what: string,
  path: string,
  request: { method?: string; body?: string; contentType?: string; signal?: AbortSignal | undefined } = {},
): Promise<unknown> {
  const { method = "GET", body, contentType = "application/json", signal } = request;
  const timeout = AbortSignal.timeout(service.timeoutMs);
  try {
    const response = await (service.fetch ?? fetch)(service.endpoint + path, {
      method,
      headers: {
        authorization: `Bearer ${service.secretKey}`,
        ...(body === undefined ? {} : { "content-type": contentType }),
      },
      ...(body === undefined ? {} : { body }),
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
    if (!response.ok) throw await refusal(what, response);
    return await response.json();
  } catch (cause) {
    if (cause instanceof HeadcountError) throw cause;
    signal?.throwIfAborted();
    const reason = timeout.aborted
      ? `no answer within ${service.timeoutMs} ms`
      : "no answer, or none in JSON";
    throw new HeadcountError("unreachable", `${what}: ${reason} from ${service.endpoint}`, { cause });
  }
}

async function refusal(what: string, response: Response): Promise<HeadcountError> {
  const { status, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const problem = isProblem(body) ? body : undefined;
  const mayPass = status >= 500 || status === 429 || status === 408;
  const said = problem ? `${problem.type}: ${problem.detail}` : "without a problem document";
  return new HeadcountError(mayPass ? "unavailable" : "refused", `${what}: answered ${status}, ${said}`, {
    status,
    problem,
    retryAfterMs: retryAfterMs(headers.get("retry-after")),
  });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "type" in body && "detail" in body;
}

/** `Retry-After` is seconds or a date. */
function retryAfterMs(text: string | null): number {
  if (text === null) return 0;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.min(Math.max(ms || 0, 0), maxRetryAfterMs);
}
