import * as z from "zod";
import { maxUserIdLength } from "../../sdk/wire.ts";

/** What programs write where a value is missing: one such id would make one person of everybody. */
const nobody = /^(undefined|null|NaN|\[object .*)$/;
/** Nothing that can be seen: white space, control and format characters. */
const blank = /^[\s\p{Cc}\p{Cf}]*$/u;

/** Why this is no id that an app gives a user or an installation, in words; null where it is one. Without a schema, since every beat has one. */
export function whyNoId(input: unknown): string | null {
  if (typeof input !== "string") return `expected a string of 1 to ${maxUserIdLength} characters`;
  if (input === "") return `expected 1 to ${maxUserIdLength} characters, got none`;
  if (input.length > maxUserIdLength) return `expected at most ${maxUserIdLength} characters`;
  if (!input.isWellFormed()) return "expected well-formed Unicode, got a lone surrogate";
  if (blank.test(input)) return "expected an id, got only blanks or invisible characters";
  return nobody.test(input.trim())
    ? "expected an id, got a placeholder for a missing one: undefined, null, NaN or [object …]"
    : null;
}

const error = ({ input }: { input?: unknown }) => whyNoId(input) ?? "expected an id";

/** An id that an app gives a user or an installation. */
export const userId = z
  .string({ error })
  .min(1, { error })
  .max(maxUserIdLength, { error })
  .refine((text) => whyNoId(text) === null, { error });
