import * as z from "zod";
import { maxAnnotationLength } from "../limits.ts";
import type { Result } from "../result.ts";
import { refuse } from "./beat-schema.ts";

const expectedDay = "expected a day from 2000 to 2199 that exists, written YYYY-MM-DD";
const expectedText = `expected a string of 1 to ${maxAnnotationLength} characters on one line`;

/** A day of the app's zone in the years for which it may hold activity. */
const annotatedDay = z.iso
  .date({ error: expectedDay })
  .refine((day) => day >= "2000" && day < "2200", { error: expectedDay });

/** What is noted of a day. */
export const annotationSchema = z.strictObject(
  {
    day: annotatedDay,
    text: z
      .string({ error: expectedText })
      .trim()
      .max(maxAnnotationLength, { error: expectedText })
      .regex(/^\P{Cc}+$/u, { error: expectedText }),
  },
  { error: 'expected an object, such as {"day":"2026-11-19","text":"Release 2.0"}' },
);

/** The day whose annotation is to go. */
export const annotationDaySchema = z.strictObject(
  { day: annotatedDay },
  { error: 'expected an object, such as {"day":"2026-11-19"}' },
);

/** The body of `PUT /v1/annotations`. */
export function decodeAnnotation(input: unknown): Result<z.output<typeof annotationSchema>> {
  const parsed = annotationSchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** The body of `DELETE /v1/annotations`. */
export function decodeAnnotationDay(input: unknown): Result<z.output<typeof annotationDaySchema>> {
  const parsed = annotationDaySchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}
