const width = 28;

/** A bar that fills on a terminal; elsewhere a line at its end. */
export class ProgressBar {
  readonly #title: string;
  readonly #out: NodeJS.WriteStream;

  constructor(title: string, out: NodeJS.WriteStream = process.stdout) {
    this.#title = title;
    this.#out = out;
  }

  /** @param share from 0 to 1; null where nobody knows the whole */
  show(share: number | null, note: string): void {
    if (!this.#out.isTTY) return;
    const bar = share === null ? "" : `${barOf(share)}  ${String(Math.round(share * 100)).padStart(3)} %  `;
    this.#out.write(`\r\u001b[K  ${this.#title}  ${bar}${note}`);
  }

  end(note: string): void {
    this.#out.write(`${this.#out.isTTY ? "\r\u001b[K" : ""}  ${this.#title}: ${note}\n`);
  }
}

function barOf(share: number): string {
  const filled = Math.round(share * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}
