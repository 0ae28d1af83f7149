import { AskProblem, reach, type Sent } from "../api.ts";

/**
 * Sends a change to the service this page came from. Rejects with an `AskProblem` that holds the service's own words;
 * `isKey` where the key is no longer good.
 */
export async function send<Answer>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown,
  key: string,
): Promise<Answer> {
  const response = await request(path, key, {
    method,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  return (await response.json()) as Answer;
}

/** The whole export of the key's app. Rejects as `send` does. */
export async function fetchExport(key: string): Promise<Blob> {
  const response = await request("/v1/export", key, {});
  const contents = await response.blob();
  // An export that was cut off lacks its last line.
  if (!(await contents.slice(-200).text()).includes('"end":true')) {
    throw new AskProblem(
      "The export was cut off.",
      "Use the command: it resumes where an interrupted export ended.",
    );
  }
  return contents;
}

async function request(path: string, key: string, init: Sent): Promise<Response> {
  const response = await reach(path, key, init);
  if (response.ok) return response;
  const { title = `The service failed (${response.status})`, detail = "" } = (await response
    .json()
    .catch(() => ({}))) as { title?: string; detail?: string };
  throw new AskProblem(`${title}.`, detail, { isKey: response.status === 401 });
}
