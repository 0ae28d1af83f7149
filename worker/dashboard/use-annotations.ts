import { useContext } from "preact/hooks";
import type { AnnotationsAnswer } from "../../sdk/answers.ts";
import { SessionContext } from "./session-context.ts";
import { type Query, useQuery } from "./use-query.ts";

/** What was noted of days; a shared view doesn't tell it. Charts that ask at the same time share one request. */
export function useAnnotations(): Query<AnnotationsAnswer> {
  const { isShared } = useContext(SessionContext);
  return useQuery<AnnotationsAnswer>(isShared ? null : "/v1/annotations", 600_000);
}
