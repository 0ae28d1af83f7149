declare module "*.txt" {
  const text: string;
  export default text;
}

/** Bytes that the engine holds beside the Worker. The one that `headcount/testing` starts has none. */
declare module "*.bin" {
  const bytes: ArrayBuffer | undefined;
  export default bytes;
}
