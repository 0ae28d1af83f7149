import { DurableObject } from "cloudflare:workers";
import { closeCodes, liveProtocol, pingText, pongText } from "../../sdk/wire.ts";
import { admitSocket } from "../app/admit-socket.ts";
import { countSigns, type Signs } from "../app/count-signs.ts";
import { forEachApp } from "../app/for-each-app.ts";
import { type Isolate, isolateOf } from "../app/isolate.ts";
import { Outboxes } from "../app/outboxes.ts";
import { GroupCommit } from "../counting/group-commit.ts";
import { type Env, gatherMs } from "../env.ts";
import {
  alarmOverdueMs,
  gateGatherWindows,
  gateRetryMs,
  maxDeparted,
  maxSocketsPerGate,
  firstMessageMs,
  socketReportMs,
  socketsPerGate,
} from "../limits.ts";
import { type Close, closeFor } from "../http/close-frame.ts";
import { RateLimiter } from "../http/rate-limiter.ts";
import { requestFacts } from "../http/request-facts.ts";
import { logError } from "../log.ts";
import type { GateRpc, GateStatus } from "../rpc.ts";
import { judge, nextAlarm, uncountedTimes } from "../live/reading.ts";
import type { Socket } from "../live/socket.ts";
import { dueReports, type ToldReport } from "../live/socket-reports.ts";
import { Refusal } from "../http/problem.ts";
import { gateSteps, migrate } from "./schema.ts";

/** What the gates of this isolate did since it began: it outlives hibernation, so it tells what woke a gate. */
const wakes = new Map<string, { starts: number; messages: number; alarms: number }>();

const changedSettings = {
  code: closeCodes.tryAgain,
  reason: "the app's settings have changed: connect again",
};

interface Read extends Signs {
  ws: WebSocket;
  /** How the socket is to be closed once its signs are durable: then its last ping is forgotten. */
  close: Close | null;
}

/**
 * Holds sockets of any app. They hibernate: the runtime answers pings without waking this object, which wakes twice in five
 * minutes to read when each was last pinged (`live/reading.ts`) and tells the apps' shards.
 */
export class Gate extends DurableObject<Env> implements GateRpc {
  readonly #name: string;
  readonly #isolate: Isolate;
  readonly #outboxes: Outboxes;
  readonly #arrivals = new RateLimiter(1);
  readonly #departures: GroupCommit;
  #departed: Signs[] = [];
  #open: number;
  #alarmAt: number | null = null;
  #failures = 0;
  readonly #awakeSince = Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#isolate = isolateOf(env);
    this.#outboxes = new Outboxes(env);
    migrate(ctx.storage, gateSteps);
    this.#name = ctx.id.name ?? "";
    this.#wakes.starts++;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(pingText, pongText));
    this.#open = ctx.getWebSockets().length;
    this.#departures = new GroupCommit(
      () => this.#countDeparted(),
      gatherMs(env, gateGatherWindows),
      (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      () => Date.now(),
    );
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const now = Date.now();
    const isBusy = this.#arrivals.take("sockets", 1, socketsPerGate, now) > 0;
    if (isBusy || this.#open >= maxSocketsPerGate) return new Response(null, { status: 503 });
    const facts = requestFacts(request, this.env.ADDRESS_HEADER, this.env.COUNTRY_HEADER);
    const place = this.#isolate.waitingSockets.enter(facts.address, now);
    if (place === null) return new Response(null, { status: 429 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#open++;
    remember(server, { phase: "waiting", openedAt: now, facts, place });
    await this.#wakeBy(now + firstMessageMs);
    const headers = { "sec-websocket-protocol": liveProtocol };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.#wakes.messages++;
    const socket = socketOf(ws);
    if (socket.phase !== "waiting") {
      close(ws, {
        code: closeCodes.badMessage,
        reason: `expected only the text ${pingText} after the first message`,
      });
      return;
    }
    this.#isolate.waitingSockets.leave(socket.place);
    remember(ws, { phase: "judging", openedAt: socket.openedAt });
    try {
      const [isolate, outboxes] = [this.#isolate, this.#outboxes];
      const context = { isolate, outboxes, facts: socket.facts, now: Date.now() };
      const admission = await admitSocket(context, message);
      remember(ws, admission.socket);
      if (admission.token !== undefined) ws.send(JSON.stringify({ token: admission.token }));
    } catch (error) {
      if (!(error instanceof Refusal)) logError("unexpected-error", error);
      close(ws, closeFor(error));
    }
  }

  override async webSocketClose(ws: WebSocket, code: number, reason: string): Promise<void> {
    // The last ping is forgotten with the closing frame, which the runtime leaves to this object.
    const pingAt = this.#pingOf(ws);
    close(ws, { code: code === 1005 || code === 1006 ? 1000 : code, reason });
    await this.#depart(ws, pingAt);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await this.#depart(ws, this.#pingOf(ws));
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    this.#wakes.alarms++;
    const now = Date.now();
    // Not thrown: the platform gives up on an alarm after six failures, and this one must never end.
    const outcomes = await Promise.allSettled([this.#look(now), this.#departures.join()]);
    outcomes.push(...(await Promise.allSettled([this.#report(now)])));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed === undefined) this.#failures = 0;
    else this.#noteFailure(failed.reason);
    const retryMs =
      gateRetryMs.base + Math.random() * Math.min(gateRetryMs.cap, gateRetryMs.base * 2 ** this.#failures);
    // A gate without sockets sleeps on.
    const sockets = this.#sockets().map(({ socket }) => socket);
    const next = nextAlarm(sockets, now, failed === undefined ? null : now + retryMs, Date.now());
    if (next !== null) await this.#wakeBy(next);
  }

  async closeAll(): Promise<void> {
    const reads = this.#sockets().flatMap(({ ws, socket }) =>
      socket.phase === "counted"
        ? [{ ws, socket, times: uncountedTimes(socket, this.#pingOf(ws)), close: null }]
        : [],
    );
    await Promise.allSettled([this.#countReads(reads, Date.now())]);
    for (const { ws } of this.#sockets()) close(ws, { code: closeCodes.tryAgain, reason: "restarting" });
  }

  async status(): Promise<GateStatus> {
    const { length } = this.#sockets();
    return { sockets: length, awakeSince: this.#awakeSince, alarmAt: this.#alarmAt, ...this.#wakes };
  }

  /** Looks at each socket: counts those that were pinged, closes those that are late or silent. */
  async #look(now: number): Promise<void> {
    this.#open = this.ctx.getWebSockets().length;
    const reads: Read[] = [];
    for (const { ws, socket } of this.#sockets()) {
      const { times, isRead, close: toClose } = judge(socket, this.#pingOf(ws), now);
      if (isRead && socket.phase === "counted") reads.push({ ws, socket, times, close: toClose });
      else if (toClose !== null) close(ws, toClose);
    }
    await this.#countReads(reads, now);
  }

  /** Counts, app by app; a socket's reading is remembered once its signs are durable. Rejects where an app failed. */
  async #countReads(reads: readonly Read[], now: number): Promise<void> {
    await forEachApp(reads, async (app, ofApp) => {
      const admission = await this.#countSigns(app, ofApp, now);
      for (const { ws, socket, times, close: toClose } of ofApp) {
        remember(ws, { ...socket, countedAt: Math.max(socket.countedAt, ...times), readAt: now });
        const isAdmitted = socket.admission === admission;
        if (toClose !== null || !isAdmitted) close(ws, toClose ?? changedSettings);
      }
    });
  }

  /** A socket is gone; its last ping may still have to be counted. */
  async #depart(ws: WebSocket, pingAt: number | null): Promise<void> {
    this.#open--;
    await this.#wakeBy(Date.now() + socketReportMs);
    const socket = socketOf(ws);
    if (socket.phase === "waiting") this.#isolate.waitingSockets.leave(socket.place);
    if (socket.phase !== "counted") return;
    const times = uncountedTimes(socket, pingAt);
    if (times.length === 0 || this.#departed.length >= maxDeparted) return;
    this.#departed.push({ socket, times });
    try {
      await this.#departures.join();
    } catch (error) {
      this.#noteFailure(error);
      await this.#wakeBy(Date.now() + gateRetryMs.base);
    }
  }

  async #countDeparted(): Promise<void> {
    const departed = this.#departed;
    this.#departed = [];
    await forEachApp(departed, async (app, ofApp) => {
      try {
        await this.#countSigns(app, ofApp, Date.now());
      } catch (error) {
        this.#departed.push(...ofApp);
        throw error;
      }
    });
  }

  async #countSigns(app: string, signs: readonly Signs[], now: number): Promise<number> {
    return countSigns(await this.#isolate.apps.open(app, now), this.#outboxes, signs, now);
  }

  /** Tells roll-ups how many sockets of their apps are open, where they don't know. */
  async #report(now: number): Promise<void> {
    const open = new Map<string, number>();
    for (const { socket } of this.#sockets()) {
      if (socket.phase === "counted") open.set(socket.app, (open.get(socket.app) ?? 0) + 1);
    }
    const due = dueReports(open, this.#told(), now).map((report) => ({ ...report, socket: report }));
    await forEachApp(due, async (app, [report]) => {
      const count = report?.open ?? 0;
      const opened = await this.#isolate.apps.open(app, now);
      await opened.rollup((stub) => stub.noteSockets(this.#name, count));
      this.#tell(app, count, now);
    });
  }

  #told(): ToldReport[] {
    const rows = this.ctx.storage.sql.exec<{ app: string; open: number; at: number }>(
      "SELECT app, open, at FROM told",
    );
    return rows.toArray();
  }

  #tell(app: string, open: number, at: number): void {
    const { sql } = this.ctx.storage;
    if (open === 0) sql.exec("DELETE FROM told WHERE app = ?", app);
    else sql.exec("INSERT OR REPLACE INTO told (app, open, at) VALUES (?, ?, ?)", app, open, at);
  }

  /** The sockets that are open, with what is known of them. */
  #sockets(): { ws: WebSocket; socket: Socket }[] {
    return this.ctx
      .getWebSockets()
      .filter((ws) => ws.readyState === WebSocket.OPEN)
      .map((ws) => ({ ws, socket: socketOf(ws) }));
  }

  #pingOf(ws: WebSocket): number | null {
    return this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? null;
  }

  get #wakes() {
    const counts = wakes.get(this.#name) ?? { starts: 0, messages: 0, alarms: 0 };
    wakes.set(this.#name, counts);
    return counts;
  }

  #noteFailure(error: unknown): void {
    this.#failures++;
    logError("gate-behind", error);
  }

  /** Sees to it that the alarm comes by `at`; one that is long overdue was lost. */
  async #wakeBy(at: number): Promise<void> {
    const isArmed = this.#alarmAt !== null && this.#alarmAt <= at;
    if (isArmed && (this.#alarmAt as number) > Date.now() - alarmOverdueMs) return;
    this.#alarmAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}

function socketOf(ws: WebSocket): Socket {
  return ws.deserializeAttachment() as Socket;
}

function remember(ws: WebSocket, socket: Socket): void {
  ws.serializeAttachment(socket);
}

/** Closes a socket, whatever state it is in. */
function close(ws: WebSocket, { code, reason }: Close): void {
  try {
    ws.close(code, reason);
  } catch {
    // It is closed already.
  }
}
