import type { Options } from "../../sdk/index.ts";
import { connect } from "../../sdk/socket.ts";
import { type Client, openClient, pass } from "./fake-client.ts";

/** A page that holds a socket, as far as the first message. */
export async function openSocket(options: Partial<Options> = {}): Promise<Client & { close: () => void }> {
  const client = openClient(options);
  client.headcount.identify("u-42", { dimensions: { plan: "pro" } });
  const close = connect(client.headcount);
  await pass(0);
  return { ...client, close };
}
