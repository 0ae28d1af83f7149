import { once } from "node:events";
import { connect } from "node:net";

/** Somebody who is logged in to an XMPP server. */
export interface XmppClient {
  /** Resolves once the server has answered. */
  ping(): Promise<void>;
  /** Ends the stream, as a client does that is closed. */
  logOut(): Promise<void>;
  /** Breaks the connection, as a network does. */
  cut(): void;
  /** By which the session can be resumed, where that was asked for. */
  resumption: string | undefined;
}

export interface LoginOptions {
  port: number;
  /** `name@host`; anonymous without a name. */
  jid: string;
  password: string;
  /** Asks that the session survives a broken connection (XEP-0198). */
  isResumable?: boolean;
  /** Takes up such a session instead of a new one. */
  resume?: string | undefined;
}

const saslNs = "urn:ietf:params:xml:ns:xmpp-sasl";
const managementNs = "urn:xmpp:sm:3";

/**
 * Logs in over plain TCP: SASL (RFC 6120, section 6) and a bound resource, and no more of XMPP.
 *
 * @throws Error with what the server said, where that is no success
 */
export async function logIn({ port, jid, password, ...options }: LoginOptions): Promise<XmppClient> {
  const [name = "", host = ""] = jid.split("@");
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  const ended = once(socket, "close");
  // A server that is killed resets the connection.
  socket.on("error", () => undefined);
  await once(socket, "connect");

  /** Sends something, and takes what comes back up to `pattern`. */
  const exchange = async (text: string, pattern: RegExp): Promise<string> => {
    socket.write(text);
    for (;;) {
      const match = pattern.exec(received);
      if (match !== null) {
        received = received.slice(match.index + match[0].length);
        return match[0];
      }
      if (/<failure|type='error'|<failed|<stream:error/.test(received) || socket.closed)
        throw new Error(`no ${pattern} for ${jid}: ${received}`);
      await Promise.race([once(socket, "data"), ended]);
    }
  };
  const header = `<stream:stream to='${host}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;

  await exchange(header, /<\/stream:features>/);
  const credentials = Buffer.from(`\0${name}\0${password}`).toString("base64");
  const auth =
    name === ""
      ? `<auth xmlns='${saslNs}' mechanism='ANONYMOUS'/>`
      : `<auth xmlns='${saslNs}' mechanism='PLAIN'>${credentials}</auth>`;
  await exchange(auth, /<success[^>]*>/);
  await exchange(header, /<\/stream:features>/);
  if (options.resume === undefined) {
    const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
    await exchange(`<iq type='set' id='bind'>${bind}</iq>`, /<jid>[^<]+<\/jid>.*?<\/iq>/);
  } else {
    await exchange(`<resume xmlns='${managementNs}' h='0' previd='${options.resume}'/>`, /<resumed[^>]*>/);
  }
  let resumption = options.resume;
  if (options.isResumable === true) {
    const enabled = await exchange(`<enable xmlns='${managementNs}' resume='true'/>`, /<enabled[^>]*>/);
    resumption = / id='([^']+)'/.exec(enabled)?.[1];
  }
  let pings = 0;
  return {
    resumption,
    async ping() {
      const id = `ping-${pings++}`;
      const iq = `<iq type='get' id='${id}' to='${host}'><ping xmlns='urn:xmpp:ping'/></iq>`;
      await exchange(iq, new RegExp(`<iq [^>]*id='${id}'[^>]*>`));
    },
    async logOut() {
      socket.end("</stream:stream>");
      await ended;
    },
    cut: () => void socket.destroy(),
  };
}
