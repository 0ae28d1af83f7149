import type { AnnotationsAnswer } from "../../sdk/answers.ts";
import { type Query, useQuery } from "./use-query.ts";

/** What was noted of days. Charts that ask at the same time share one request. */
export function useAnnotations(): Query<AnnotationsAnswer> {
  return useQuery<AnnotationsAnswer>("/v1/annotations", 600_000);
}
