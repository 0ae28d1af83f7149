import type { HeartbeatResponse, Problem, TokenResponse } from "../../sdk/wire.ts";
import type { ClientNetwork } from "./client-network.ts";
import type { Edge } from "./edge.ts";
import type { Ledger } from "./ledger.ts";
import type { TokenLedger } from "./token-ledger.ts";
import type { Actor, World } from "./world.ts";

const dayMs = 86_400_000;

/** What reports with a token: an installation with several tabs that share it, or a thief who copied it. */
export class TokenClient {
  readonly user: string;
  readonly #name: string;
  readonly #world: World;
  readonly #network: ClientNetwork;
  readonly #ledger: Ledger;
  readonly #tokens: TokenLedger;
  readonly #actor: Actor;
  #token: string | null = null;
  #exchanging: Promise<string> | null = null;

  constructor(
    name: string,
    user: string,
    world: World,
    network: ClientNetwork,
    ledgers: { ledger: Ledger; tokens: TokenLedger },
  ) {
    this.#name = name;
    this.user = user;
    this.#world = world;
    this.#network = network;
    this.#ledger = ledgers.ledger;
    this.#tokens = ledgers.tokens;
    this.#actor = { name, skewMs: 0, isAlive: true };
  }

  /** One of the tabs reports; what is lost is lost. */
  beat(): void {
    this.#act(async () => {
      const token = this.#token ?? (await (this.#exchanging ??= this.#exchange()));
      await this.#report(token, false);
    });
  }

  logOut(): void {
    const token = this.#token;
    this.#token = null;
    if (token === null) return;
    if (this.#world.chance(0.5)) this.#act(() => this.#report(token, true));
    else this.#act(() => this.#delete(token));
  }

  /** Somebody who has copied the token that is in use, or null where there is none. */
  thief(): TokenClient | null {
    if (this.#token === null) return null;
    const ledgers = { ledger: this.#ledger, tokens: this.#tokens };
    const thief = new TokenClient(`thief of ${this.#name}`, this.user, this.#world, this.#network, ledgers);
    thief.#token = this.#token;
    return thief;
  }

  /** A thief reports, as long as the loot is good. */
  useLoot(): void {
    if (this.#token === null) return;
    this.#tokens.steal(this.#token);
    this.beat();
  }

  #act(work: () => Promise<void>): void {
    this.#world.after(0, () => void work().catch(() => {}), this.#actor);
  }

  async #exchange(): Promise<string> {
    const of = { client: this.#name, user: this.user };
    const exchange = async (edge: Edge) => {
      this.#tokens.exchanging(this.#name);
      const response = await edge.exchange(of);
      const { token }: Partial<TokenResponse> = await response.clone().json();
      if (token !== undefined) this.#tokens.handedOut(token, of);
      return response;
    };
    try {
      const response = await this.#network.send(() => true, exchange, false);
      if (!response.ok) throw new Error("no token");
      const { token } = (await response.json()) as TokenResponse;
      this.#token = token;
      return token;
    } finally {
      this.#exchanging = null;
    }
  }

  async #report(token: string, invalidate: boolean): Promise<void> {
    const sentAt = this.#world.now;
    const carryOut = async (edge: Edge) => {
      const revoked = invalidate ? this.#tokens.revoking({ token }) : () => {};
      const response = await this.#judged(edge, token, sentAt, invalidate);
      if (response.ok) revoked();
      return response;
    };
    const response = await this.#network.send(() => true, carryOut);
    // As in the SDK: another tab may have got a newer one meanwhile.
    if (this.#token !== token) return;
    const { token: next }: Partial<HeartbeatResponse> = await response.json();
    if (response.ok) this.#token = next ?? token;
    else if (response.status === 401) this.#token = null;
  }

  /** A heartbeat as it comes to an edge, and what an onlooker makes of the answer. */
  async #judged(edge: Edge, token: string, sentAt: number, invalidate: boolean): Promise<Response> {
    const tokens = this.#tokens;
    const use = tokens.arrives(token, sentAt);
    const beats = invalidate ? [] : [{ dimensions: { platform: "web" } }];
    const named = beats.map((beat) => ({ ...beat, user: this.user }));
    const sent = this.#ledger.offer(named, Date.now(), this.#world.now, 7 * dayMs);
    const response = await edge.fetch("POST", "/v1/heartbeat", { token, beats, invalidate }, null);
    const answer: unknown = await response.clone().json();
    if (response.ok) {
      this.#ledger.acknowledge(sent, this.#world.now);
      tokens.taken(use);
      const next = (answer as HeartbeatResponse).token;
      if (next !== undefined) tokens.handedOut(next, token);
    } else if (response.status === 401) {
      if (tokens.refused(use, (answer as Problem).type)) this.#ledger.withdraw(sent);
    } else tokens.failed(use);
    return response;
  }

  async #delete(token: string): Promise<void> {
    await this.#network.send(
      () => true,
      async (edge) => {
        const revoked = this.#tokens.revoking({ token });
        const response = await edge.fetch("DELETE", "/v1/token", undefined, token);
        if (response.ok) revoked();
        return response;
      },
    );
  }
}
