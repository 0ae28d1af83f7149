import { useCallback, useEffect, useState } from "preact/hooks";
import { KeyRing } from "../app/keys.ts";
import { AskProblem } from "./api.ts";

let ring: { secret: string; keys: Promise<KeyRing> } | null = null;

/** The read key of an app, made here from the service's secret as the service makes it. Rejects where the page may not. */
async function makeReadKey(secret: string, app: string, revision: number): Promise<string> {
  if (ring?.secret !== secret) ring = { secret, keys: KeyRing.from(secret) };
  return (await ring.keys).keyFor(app, "read", revision);
}

/** With what an app is read. */
export interface ReadKey {
  /** Null while it is being made, and where there is none. */
  key: string | null;
  /** Why there is none, or why it is good no more. */
  problem: AskProblem | null;
  refuse: (problem: AskProblem) => void;
}

/** The key with which an app is read: the one that its reader has, else one that is made from the service's secret. */
export function useReadKey(app: string, own: string | null, secret: string | null): ReadKey {
  const [made, setMade] = useState<string | null>(null);
  const [problem, setProblem] = useState<AskProblem | null>(null);
  const [revision, setRevision] = useState(0);
  useEffect(() => {
    setProblem(null);
    if (own !== null || secret === null) return;
    let isOver = false;
    makeReadKey(secret, app, revision).then(
      (key) => !isOver && setMade(key),
      () => !isOver && setProblem(new AskProblem(noCrypto, "Open this page over HTTPS.")),
    );
    return () => {
      isOver = true;
    };
  }, [app, own, secret, revision]);
  // Who has the secret has every revision.
  const refuse = useCallback(
    (refused: AskProblem) =>
      own === null && refused.keyRevision > 0 ? setRevision(refused.keyRevision) : setProblem(refused),
    [own],
  );
  return { key: own ?? made, problem, refuse };
}

const noCrypto = "Over plain HTTP a browser can't make this app's key from the secret.";
