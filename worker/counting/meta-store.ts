/** A small durable store of JSON by name. */
export interface MetaStore {
  /** A value that was put under this name, or null. */
  getMeta(name: string): unknown;
  putMeta(name: string, value: unknown): void;
}
