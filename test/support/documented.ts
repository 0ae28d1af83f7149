/** A fenced block of a document: its language and its lines. */
interface Block {
  language: string;
  lines: string[];
}

/** A command of a document, and what it is said to print. */
export interface DocumentedCommand {
  command: string;
  prints: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function blocksOf(markdown: string): Block[] {
  const fenced = markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return Array.from(fenced, ([, language = "", text = ""]) => ({
    language,
    lines: text.trimEnd().split("\n"),
  }));
}

/** The commands of a `console` block: a line that begins with `$ `, with those that continue it, then what it prints. */
export function commandsOf({ lines }: Block): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  for (const line of lines.join("\n").replaceAll("\\\n", "").split("\n")) {
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), prints: "" });
    else (commands.at(-1) as DocumentedCommand).prints += line;
  }
  return commands;
}

/** What matches a documented text, in which `…` stands for anything. */
export function asDocumented(text: string): RegExp {
  const parts = text.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+?")}$`);
}
