import { pushShards, teachShards } from "../app/all-shards.ts";
import type { App } from "../app/app.ts";
import { complaintAboutKeyServer } from "../app/key-servers.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { utf8 } from "../bytes.ts";
import { checkEncoding, checkMediaType } from "../http/body.ts";
import { readNdjson } from "../http/ndjson.ts";
import { Refusal } from "../http/problem.ts";
import { maxExportLineBytes, recordsPerPage } from "../limits.ts";
import type { Result } from "../result.ts";
import { encodeLine, type ExportRecord } from "../transfer/export-line.ts";
import { ExportReader } from "../transfer/export-reader.ts";

const ndjson = "application/x-ndjson";

/**
 * `GET /v1/export`: all that is kept of an app, as NDJSON. `after` goes on where an interrupted one ended, after the cursor of
 * its last whole line.
 */
export async function getExport({ url, app }: AppRouteContext): Promise<Response> {
  const after = url.searchParams.get("after") ?? "";
  if (after !== "" && !/^(head|meta|removed|sketch|alias|day|annotation)[.][0-9]{1,16}$/.test(after)) {
    throw new Refusal("invalid-query", "after: expected the cursor of a line in an export");
  }
  if (after === "") await pushShards(app);
  let cursor = after;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const page = await app.rollup((rollup) => rollup.exportPage(cursor, recordsPerPage));
      for (const line of page) {
        controller.enqueue(utf8(line.text));
        cursor = line.cursor;
      }
      if (page.length > 0) return;
      controller.enqueue(utf8(encodeLine({ end: true }, "")));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": ndjson, "cache-control": "no-store" } });
}

/**
 * `POST /v1/import`: takes what another deployment exported, as NDJSON. What is there already is united with it, so it
 * may be sent again, and several exports of one app give their union.
 */
export async function postImport({
  request,
  url,
  app,
  keyRevision,
  now,
}: AppRouteContext): Promise<Response> {
  checkMediaType(request, [ndjson]);
  checkEncoding(request, []);
  const reader = new ExportReader(app.name);
  const how = { withSettings: url.searchParams.get("settings") === "1", keyRevision };
  try {
    await importAll(app, request.body, reader, how);
  } finally {
    // What was taken holds, however it ended: for the settings, and for who counts as whom.
    app.remember(await app.rollup((rollup) => rollup.config()), now);
    if (reader.hasAliases) {
      await teachShards(app);
      app.renewStanding();
    }
  }
  return Response.json({ imported: reader.records });
}

async function importAll(
  app: App,
  body: ReadableStream<Uint8Array> | null,
  reader: ExportReader,
  { withSettings, keyRevision }: { withSettings: boolean; keyRevision: number },
): Promise<void> {
  let page: ExportRecord[] = [];
  const flush = async () => {
    const records = page;
    page = [];
    const complaint = await app.rollup((rollup) => rollup.importRecords(records, withSettings, keyRevision));
    if (complaint !== null) throw new Refusal("conflict", complaint);
  };
  const accept = <Value>(read: Result<Value, "damaged-export" | "conflict">): Value => {
    if (read.ok) return read.value;
    throw new Refusal(read.why ?? "damaged-export", read.error, {}, { line: reader.lastLine });
  };
  for await (const lines of readNdjson(body ?? new ReadableStream(), maxExportLineBytes)) {
    for (const line of lines) {
      const record = accept(reader.read(line.line, line));
      const complaint =
        record !== null && "settings" in record
          ? complaintAboutKeyServer(record.settings, app.keyServers.allowed)
          : null;
      if (complaint !== null)
        throw new Refusal("conflict", `settings: ${complaint}`, {}, { line: line.line });
      if (record !== null) page.push(record);
      if (page.length >= recordsPerPage) await flush();
    }
  }
  if (page.length > 0) await flush();
  accept(reader.finish());
}
