/** Bytes, or the UTF-8 of a text, in chunks of one size, as a body may come. */
export async function* inChunks(whole: Uint8Array | string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = typeof whole === "string" ? new TextEncoder().encode(whole) : whole;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All that comes of a stream of lists. */
export async function all<Item>(lists: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const list of lists) items.push(...list);
  return items;
}
