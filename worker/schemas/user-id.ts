import * as z from "zod";
import { maxUserIdLength } from "../../sdk/wire.ts";

/** What programs write where a value is missing: one such id would make one person of everybody. */
const nobody = /^(undefined|null|NaN|\[object \w+\])$/;
/** Nothing that can be seen: white space, control and format characters. */
const blank = /^[\s\p{Cc}\p{Cf}]*$/u;

/** An id that an app gives a user or an installation. */
export const userId = z
  .string({ error: `expected a string of 1 to ${maxUserIdLength} characters` })
  .min(1, { error: `expected 1 to ${maxUserIdLength} characters, got none` })
  .max(maxUserIdLength, { error: `expected at most ${maxUserIdLength} characters` })
  .refine((text) => text.isWellFormed(), { error: "expected well-formed Unicode, got a lone surrogate" })
  .refine((text) => text === "" || !blank.test(text), {
    error: "expected an id, got only blanks or invisible characters",
  })
  .refine((text) => !nobody.test(text.trim()), {
    error: "expected an id, got a placeholder for a missing one: undefined, null, NaN or [object …]",
  });
