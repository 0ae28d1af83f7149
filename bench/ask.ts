import { availableParallelism, loadavg } from "node:os";

/** What else the machine does, without which times can't be compared. */
export function loadNote(): string {
  const [, , load = 0] = loadavg();
  return `Over the last quarter of an hour ${load.toFixed(1)} processes wanted one of the machine's ${availableParallelism()} cores, this bench's included: times are longer by that.`;
}

/** The text of an answer. Throws where it is not a success. */
export async function fetchOk(url: string, init: RequestInit & { duplex?: "half" } = {}): Promise<string> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text;
}

/** How long something takes, in milliseconds. */
export async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
