import { objectCalls } from "../limits.ts";
import { Refusal } from "../http/problem.ts";
import { logError } from "../log.ts";
import { busyObject } from "../rpc.ts";

/**
 * Calls a Durable Object, again on a new stub where the platform says that this may help. An object that is
 * overloaded is left alone. Only for calls that may happen twice.
 *
 * @throws Refusal (503 with Retry-After) when the object can't be reached, or takes no more
 */
export async function callObject<Stub extends Rpc.DurableObjectBranded, Answer>(
  namespace: DurableObjectNamespace<Stub>,
  name: string,
  call: (stub: Stub) => Promise<Answer>,
  locationHint?: DurableObjectLocationHint,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      // A new stub each time: one is of no use once a call on it has failed. It has the object's methods; the platform's
      // type for it also tells of pipelining, which nobody here uses and which takes unions apart.
      return await call(namespace.getByName(name, locationHint && { locationHint }) as unknown as Stub);
    } catch (error) {
      const busy = error instanceof Error ? error.message.split(busyObject)[1] : undefined;
      if (busy !== undefined) {
        throw new Refusal("overloaded", `${busy}: try again later`, { "retry-after": "10" });
      }
      const { retryable = false, overloaded = false } = error as {
        retryable?: boolean;
        overloaded?: boolean;
      };
      if (attempt === objectCalls.tries || !retryable || overloaded) {
        const trouble = storageTrouble(error);
        logError("object-call-failed", error, {
          object: name,
          ...(trouble !== null && { trouble }),
          attempt,
          retryable,
          overloaded,
        });
        throw new Refusal(
          "unavailable",
          trouble ?? "storage can't be reached at the moment: send the same request again later",
          { "retry-after": overloaded ? "10" : trouble === null ? "2" : "30" },
          trouble?.includes("restore a backup") ? { state: "damaged" } : {},
        );
      }
      const delayMs = Math.random() * objectCalls.baseDelayMs * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/**
 * What is wrong with an object's storage, where the error says so in words of ours or by a code of SQLite's. Other
 * errors keep theirs to themselves: they may quote what was sent.
 */
function storageTrouble(error: unknown): string | null {
  const message = error instanceof Error ? error.message : "";
  const own = /stored data: .*/.exec(message)?.[0];
  if (own !== undefined) return own;
  const code = /SQLITE_[A-Z_]+/.exec(message)?.[0];
  if (code === "SQLITE_FULL") {
    return "stored data: the disk is full, so nothing was stored: make room, and send the same request again";
  }
  return code === undefined
    ? null
    : `stored data: it can't be read or written (${code}): check the disk, or restore a backup`;
}
