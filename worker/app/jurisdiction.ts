import type { Env } from "../env.ts";
import { Refusal } from "../http/problem.ts";

/**
 * The environment with every Durable Object inside the deployment's jurisdiction, where it has one: objects are then made, run
 * and stored there alone. Set it before the first beat; objects outside and inside don't know of each other.
 *
 * @throws Refusal when the platform has no such jurisdiction
 */
export function inJurisdiction(env: Env): Env {
  if (!env.JURISDICTION) return env;
  const jurisdiction = env.JURISDICTION as DurableObjectJurisdiction;
  try {
    return {
      ...env,
      SHARDS: env.SHARDS.jurisdiction(jurisdiction),
      ROLLUPS: env.ROLLUPS.jurisdiction(jurisdiction),
      GATES: env.GATES.jurisdiction(jurisdiction),
      DIRECTORY: env.DIRECTORY.jurisdiction(jurisdiction),
    };
  } catch {
    throw new Refusal(
      "not-configured",
      "JURISDICTION: expected one that the platform supports, such as eu, or none: the engine on your own machine supports none",
      { "retry-after": "60" },
    );
  }
}

const hints: Record<string, DurableObjectLocationHint> = {
  AF: "afr",
  AS: "apac",
  EU: "weur",
  NA: "enam",
  OC: "oc",
  SA: "sam",
};

/** Where an object that a request brings about should be, by the continent that the request comes from. */
export function locationHint(continent: string | null): DurableObjectLocationHint | undefined {
  return continent === null ? undefined : hints[continent];
}
