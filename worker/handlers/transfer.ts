import { appContext, type AppContext, rememberConfig } from "../app/apps.ts";
import { readNdjson } from "../http/ndjson.ts";
import { maxExportLineBytes, partsPerPage } from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { rollupName } from "../app/object-names.ts";
import { Refusal } from "../http/problem.ts";
import { checkMediaType } from "../http/body.ts";
import type { AppRouteContext } from "../routes.ts";
import { decodeLine, encodeLine, type Part, sketchIn } from "../transfer/export-line.ts";
import { pushShards, teachShards } from "../app/all-shards.ts";

/**
 * `GET /v1/export`: all that is kept of an app, as NDJSON. `after` goes on where an interrupted one ended, after the cursor of
 * its last whole line.
 */
export async function getExport({ url, env, now, app }: AppRouteContext): Promise<Response> {
  const context = await appContext(env, app, now);
  const after = url.searchParams.get("after") ?? "";
  if (after !== "" && !/^(head|meta|sketch|alias|day)[.][0-9]{1,16}$/.test(after)) {
    throw new Refusal("invalid-query", "after: expected the cursor of a line of an export");
  }
  if (after === "") await pushShards(env, context);
  const rollup = rollupName(context.name);
  const encoder = new TextEncoder();
  let cursor = after;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const page = await callObject(env.ROLLUPS, rollup, (stub) => stub.exportPage(cursor, partsPerPage));
      for (const line of page) {
        controller.enqueue(encoder.encode(line.text));
        cursor = line.cursor;
      }
      if (page.length > 0) return;
      controller.enqueue(encoder.encode(encodeLine({ end: true }, "")));
      controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
  });
}

/**
 * `POST /v1/import`: takes what another deployment exported, as NDJSON. What is there already is united with it, so it
 * may be sent again, and several exports of one app give their union.
 */
export async function postImport({ request, url, env, now, app }: AppRouteContext): Promise<Response> {
  checkMediaType(request, ["application/x-ndjson"]);
  const context = await appContext(env, app, now);
  const reader = new Reader(context);
  const rollup = rollupName(context.name);
  const withSettings = url.searchParams.get("settings") === "1";
  let batch: Part[] = [];
  const flush = async () => {
    const parts = batch;
    batch = [];
    const refused = await callObject(env.ROLLUPS, rollup, (stub) => stub.importParts(parts, withSettings));
    if (refused !== null) throw new Refusal("conflict", refused);
  };
  try {
    for await (const lines of readNdjson(request.body ?? new ReadableStream(), maxExportLineBytes)) {
      for (const line of lines) {
        const part = reader.read(line.line, "error" in line ? { error: line.error } : { value: line.value });
        if (part !== null) batch.push(part);
        if (batch.length >= partsPerPage) await flush();
      }
    }
    if (batch.length > 0) await flush();
    reader.finish();
  } finally {
    // What was taken holds, however it ended: for the settings, and for who counts as whom.
    rememberConfig(context, await callObject(env.ROLLUPS, rollup, (stub) => stub.config()), now);
    if (reader.hasAliases) {
      await teachShards(env, context);
      context.acknowledged.forget();
    }
  }
  return Response.json({ imported: reader.parts });
}

/** Reads the lines of exports, one after the other, and tells which one is wrong. */
class Reader {
  readonly #context: AppContext;
  #isOpen = false;
  #last = 0;
  parts = 0;
  hasAliases = false;

  constructor(context: AppContext) {
    this.#context = context;
  }

  /** The part to be taken, or null for a head or an end. */
  read(number: number, line: { value: unknown } | { error: string }): Part | null {
    this.#last = number;
    const part =
      "error" in line ? { ok: false as const, error: "not JSON, or too long" } : decodeLine(line.value);
    if (!part.ok) throw new Refusal("damaged-export", `line ${number}: ${part.error}`, {}, { line: number });
    if ("head" in part.value) {
      this.#check(number, part.value.head);
      this.#isOpen = true;
      return null;
    }
    if ("end" in part.value) {
      this.#isOpen = false;
      return null;
    }
    if (!this.#isOpen) {
      throw new Refusal(
        "damaged-export",
        `line ${number}: expected the head of an export first`,
        {},
        { line: number },
      );
    }
    if ("sketch" in part.value && sketchIn(part.value.sketch).keyId !== this.#context.name.keyId) {
      throw new Refusal("conflict", `line ${number}: a sketch of another key than its head names`);
    }
    this.parts++;
    this.hasAliases ||= "alias" in part.value;
    return part.value;
  }

  /** Throws where the last export has no end. */
  finish(): void {
    if (this.#last > 0 && !this.#isOpen) return;
    throw new Refusal(
      "damaged-export",
      `it ends after line ${this.#last}, in the middle: what came so far is taken; export the rest with ?after= and the cursor of that line`,
      {},
      { line: this.#last },
    );
  }

  #check(line: number, { app, keyId }: { app: string; keyId: number }): void {
    const { name } = this.#context;
    if (app !== name.app) {
      throw new Refusal("conflict", `line ${line}: it is of the app ${app}: use a key of that app`);
    }
    if (keyId !== name.keyId) {
      throw new Refusal(
        "conflict",
        `line ${line}: it was counted under another HEADCOUNT_SECRET, so nobody in it could be told from anybody here: expected the same secret in both places`,
      );
    }
  }
}
