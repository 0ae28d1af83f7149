/** The bytes are not a sketch this code may trust. The message says what was found and what would be right. */
export class SketchFormatError extends Error {
  override readonly name = "SketchFormatError";
}

/** Two sketches whose users were hashed under different keys, so that their union would count everybody twice. */
export class SketchMismatchError extends Error {
  override readonly name = "SketchMismatchError";
}
