import type { TestServer } from "./server.ts";

/** How many people were active in the last 24 hours, up to this second, as whoever may read is told. 0 before the first. */
export async function activeNow({ url, keys }: TestServer): Promise<number> {
  const response = await fetch(`${url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  const { windows } = (await response.json()) as { windows: { count: number | null }[] };
  return windows[0]?.count ?? 0;
}
