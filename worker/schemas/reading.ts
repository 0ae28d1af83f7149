import * as z from "zod";
import type { Result } from "../result.ts";

/** A schema's step that has a value read by rules of our own, and refuses it in their words. */
export function reading<Input, Value, Why extends string>(read: (input: Input) => Result<Value, Why>) {
  return (input: Input, context: z.RefinementCtx): Value => {
    const result = read(input);
    if (result.ok) return result.value;
    context.addIssue(result.error);
    return z.NEVER;
  };
}
