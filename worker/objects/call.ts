import { objectCalls } from "../limits.ts";
import { Refusal } from "../problem.ts";

/**
 * Calls a Durable Object, again on a new stub where the platform says that this may help. An object that is
 * overloaded is left alone. Only for calls that may happen twice.
 *
 * @throws Refusal (503 with Retry-After) when the object can't be reached
 */
export async function callObject<Stub extends Rpc.DurableObjectBranded, Result>(
  namespace: DurableObjectNamespace<Stub>,
  name: string,
  call: (stub: DurableObjectStub<Stub>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      // A stub is of no use once a call on it has failed.
      return await call(namespace.getByName(name));
    } catch (error) {
      const { retryable = false, overloaded = false } = error as {
        retryable?: boolean;
        overloaded?: boolean;
      };
      if (attempt === objectCalls.tries || !retryable || overloaded) {
        console.error(
          JSON.stringify({
            event: "object-call-failed",
            error: error instanceof Error ? error.name : typeof error,
            attempt,
            retryable,
            overloaded,
          }),
        );
        throw new Refusal(
          "unavailable",
          "storage can't be reached at the moment: send the same again later",
          {
            "retry-after": overloaded ? "10" : "2",
          },
        );
      }
      const delayMs = Math.random() * objectCalls.baseDelayMs * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}
