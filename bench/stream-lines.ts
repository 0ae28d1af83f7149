const linesPerPiece = 2000;

/**
 * Sends NDJSON to `/v1/activity` in one body, made as it is sent. Throws where a line is not accepted.
 *
 * @param lineOf the nth line, counted from 0, with its line feed
 */
export async function streamLines(
  url: string,
  secret: string,
  lines: number,
  lineOf: (n: number) => string,
): Promise<void> {
  const encoder = new TextEncoder();
  let n = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      let text = "";
      for (let line = 0; line < linesPerPiece && n < lines; line++, n++) text += lineOf(n);
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (n >= lines) controller.close();
    },
  });
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/x-ndjson" };
  const init = { method: "POST", body, duplex: "half", headers };
  const { accepted } = (await (await fetch(`${url}/v1/activity`, init)).json()) as { accepted: number };
  if (accepted !== lines) throw new Error(`accepted ${accepted} of ${lines} lines`);
}
