import type { App } from "../../worker/app/app.ts";
import { Apps } from "../../worker/app/apps.ts";
import type { Outbox } from "../../worker/app/outbox.ts";
import { Repeats } from "../../worker/app/repeats.ts";
import { sabotage } from "./sabotage.ts";

/** Replaces a method until the function that it returns is called. */
export function replace<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  by: (original: Owner[Name]) => Owner[Name],
): () => void {
  const original = owner[name];
  owner[name] = by(original);
  return () => {
    owner[name] = original;
  };
}

/** Runs one query in the place of those that a pattern matches. */
export function rewrite(pattern: RegExp, by: string): () => void {
  sabotage.exec = (_, query) => (pattern.test(query) ? [by, []] : null);
  return () => {
    delete sabotage.exec;
  };
}

/** What whoever shares another's call waits for in the place of it. */
export function sharedBy(waitFor: (sent: Promise<void>) => Promise<void> | void) {
  const busy = new WeakSet<Outbox>();
  return (send: Outbox["send"]) =>
    async function (this: Outbox, ...given: Parameters<Outbox["send"]>) {
      const isShared = busy.has(this);
      busy.add(this);
      const sent = send.apply(this, given).finally(() => busy.delete(this));
      sent.catch(() => {});
      await (isShared ? waitFor(sent) : sent);
    };
}

/** Has edges remember what is not answered yet. The app that was opened last stands for the one that it is for. */
export function rememberTooSoon(): () => void {
  let app: App | null = null;
  const undo = [
    replace(
      Apps.prototype,
      "open",
      (open) =>
        async function (this: Apps, name, now) {
          return (app = await open.call(this, name, now));
        },
    ),
    replace(
      Repeats.prototype,
      "find",
      (find) =>
        function (this: Repeats, digest, now) {
          const found = find.call(this, digest, now);
          if (app !== null) this.add(digest, app, app.standing, now);
          return found;
        },
    ),
  ];
  return () => undo.forEach((each) => each());
}
