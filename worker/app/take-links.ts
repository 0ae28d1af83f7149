import type { LinksResponse } from "../../sdk/wire.ts";
import { readNdjson } from "../http/ndjson.ts";
import { Refusal } from "../http/problem.ts";
import { Refusals } from "../http/refusals.ts";
import { serverClaim } from "../ingest/claims.ts";
import { linksPerFlush, maxLineBytes } from "../limits.ts";
import { decodeLink, type Link } from "../schemas/link-schema.ts";
import type { App } from "./app.ts";
import { changeAliases, type ClaimedChange } from "./change-alias.ts";

/** Carries out links, one a line, some at once. Throws a `Refusal` where none of them could be taken. */
export async function takeLinks(
  app: App,
  body: AsyncIterable<Uint8Array>,
  now: number,
): Promise<LinksResponse> {
  const refusals = new Refusals();
  let [linked, inexact] = [0, 0];
  let waiting: (ClaimedChange & { line: number })[] = [];
  const flush = async () => {
    const taken = waiting;
    waiting = [];
    const outcomes =
      taken.length === 0
        ? []
        : await changeAliases(
            app,
            taken.map(({ change, claim }) => ({ change, claim })),
          );
    for (const [index, { exact, refused }] of outcomes.entries()) {
      if (refused !== undefined) {
        refusals.note(taken[index]?.line ?? 0, refused);
        continue;
      }
      linked++;
      if (!exact) inexact++;
    }
  };
  for await (const page of readNdjson(body, maxLineBytes)) {
    for (const read of page) {
      const link = "error" in read ? { ok: false as const, error: read.error } : decodeLink(read.value);
      if (link.ok) waiting.push({ ...linking(app, link.value, now), line: read.line });
      else refusals.note(read.line, link.error);
      if (waiting.length >= linksPerFlush) await flush();
    }
  }
  await flush();
  const answer = { linked, inexact, rejected: refusals.count, errors: refusals.listed };
  if (linked === 0 && refusals.count > 0) {
    throw new Refusal("nothing-accepted", "every line was refused: fix what errors lists", {}, answer);
  }
  return answer;
}

/** A link and what its sender claims. */
export function linking({ hasher, calendar }: App, link: Link, now: number): ClaimedChange {
  const { from, to, days = null, first = null, last = null } = link;
  return {
    change: { do: "link", user: hasher.hash("user", from), to: hasher.hash("user", to), onlyIfFree: false },
    claim: serverClaim({ days, first, last }, calendar, now),
  };
}
