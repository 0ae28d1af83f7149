import { decode, encode } from "../../worker/sketch/index.ts";
import { Attempts } from "./attempts.ts";
import type { Disk } from "./disk.ts";
import { Edge } from "./edge.ts";
import type { Keys } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { Objects } from "./objects.ts";
import { calm, type Faults } from "./weather.ts";
import type { World } from "./world.ts";

/** Another deployment under the same secret, into which the app is copied. */
export class Transfer {
  readonly #world: World;
  readonly #keys: Keys;
  readonly #faults: Faults;
  readonly #there: Objects;
  readonly #attempts: Attempts;
  readonly #files: { lines: string[]; isFinal: boolean }[] = [];

  constructor(world: World, faults: Faults, keys: Keys, ledger: Ledger) {
    this.#world = world;
    this.#keys = keys;
    this.#faults = faults;
    this.#there = new Objects(world, faults);
    const edges = [1, 2].map((index) => new Edge(`edge ${index} there`, world, this.#there, keys, ledger));
    this.#attempts = new Attempts(world, edges);
  }

  close(): void {
    this.#there.close();
  }

  /** Exports the app. Whenever that ends in the middle, it goes on after the last whole line. */
  exportFrom(here: Attempts, isFinal: boolean): void {
    const lines: string[] = [];
    let attempts = 0;
    here.until(
      async (edge) => {
        const attempt = ++attempts;
        while (!isEnd(lines.at(-1))) {
          const text = await this.#download(edge, lines.at(-1));
          // One that was given up may still arrive.
          if (attempt !== attempts) throw new Error("overtaken");
          lines.push(...text.split(/(?<=\n)/).filter((line) => line.endsWith("\n")));
        }
      },
      () => this.#files.push({ lines, isFinal }),
    );
  }

  /** Imports what was exported, in any order, some of it twice. Returns what is wrong with the copy. */
  async importAndCompare(here: Objects): Promise<string[]> {
    const world = this.#world;
    if (!this.#files.some(({ isFinal }) => isFinal)) return ["the app is never exported"];
    const isPlain = this.#files.length === 1;
    const order = world.chance(0.5) ? this.#files : this.#files.toReversed();
    for (const { lines } of world.chance(0.3) ? [...order, ...order] : order) {
      this.#attempts.until((edge) => this.#upload(edge, lines));
      const names = this.#there.names();
      if (names.length > 0 && world.chance(0.3)) {
        world.soon(world.between(0, 2000), () => this.#there.crash(world.pick(names)));
      }
      if (await this.#attempts.settle()) continue;
      // No storm lasts for ever.
      calm(this.#faults);
      if (!(await this.#attempts.settle())) return ["the export is never imported"];
    }
    calm(this.#faults);
    for (const name of this.#there.names()) this.#there.crash(name);
    return compare(here.rollup(), this.#there.rollup(), isPlain);
  }

  async #download(edge: Edge, after: string | undefined): Promise<string> {
    const world = this.#world;
    const path = `/v1/export${after === undefined ? "" : `?after=${cursorOf(after)}`}`;
    const response = await edge.fetch("GET", path, undefined, this.#keys.secret);
    if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += value;
        if (world.chance(0.04)) {
          await reader.cancel();
          // In the middle of a line.
          return text.slice(0, -world.between(1, 20));
        }
      }
    } catch {
      return text;
    }
  }

  async #upload(edge: Edge, lines: readonly string[]): Promise<void> {
    const response = await edge.fetch("POST", "/v1/import?settings=1", lines.join(""), this.#keys.secret);
    if (response.status === 400 || response.status === 409 || response.status === 422) {
      this.#world.mishaps.push(`an import is refused: ${await response.text()}`);
    } else if (!response.ok) throw new Error(`import: ${response.status}`);
  }
}

function cursorOf(line: string): string {
  return (JSON.parse(line) as { cursor: string }).cursor;
}

function isEnd(line: string | undefined): boolean {
  return line !== undefined && "end" in (JSON.parse(line) as { part: object }).part;
}

/** Register for register; who counts as whom too where nothing older was imported besides. */
function compare(here: Disk, there: Disk, isPlain: boolean): string[] {
  const [original, copy] = [sketchesOf(here), sketchesOf(there)];
  const complaints = [...new Set([...original.keys(), ...copy.keys()])]
    .filter((key) => original.get(key) !== copy.get(key))
    .map((key) => `${key}: the copy differs`);
  if (!isPlain) return complaints;
  for (const query of [
    "SELECT entry, spread, target, target_spread FROM alias ORDER BY entry",
    "SELECT value FROM meta WHERE name = 'settings'",
  ]) {
    const [rows, copied] = [rowsOf(here, query), rowsOf(there, query)];
    if (rows !== copied) complaints.push(`${rows} was copied as ${copied}`);
  }
  return complaints;
}

function rowsOf(disk: Disk, query: string): string {
  return JSON.stringify(disk.look(query));
}

function sketchesOf(disk: Disk): Map<string, string> {
  return new Map(
    disk
      .look("SELECT kind, series, start, sketch FROM sketch")
      .map(({ kind, series, start, sketch }) => [
        `${String(kind)}/${String(start)}/${String(series)}`,
        Buffer.from(encode(decode(new Uint8Array(sketch as Uint8Array)))).toString("base64"),
      ]),
  );
}
