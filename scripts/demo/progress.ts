const width = 28;

/** A bar that fills on a terminal; elsewhere a line at its end. */
export class ProgressBar {
  readonly #title: string;
  readonly #out: NodeJS.WriteStream;

  constructor(title: string, out: NodeJS.WriteStream = process.stdout) {
    this.#title = title;
    this.#out = out;
  }

  /** @param share from 0 to 1 */
  show(share: number, note: string): void {
    if (!this.#out.isTTY) return;
    const filled = Math.round(share * width);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    this.#out.write(
      `\r\u001b[K  ${this.#title}  ${bar}  ${String(Math.round(share * 100)).padStart(3)} %  ${note}`,
    );
  }

  end(note: string): void {
    this.#out.write(`${this.#out.isTTY ? "\r\u001b[K" : ""}  ${this.#title}: ${note}\n`);
  }
}
