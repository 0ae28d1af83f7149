interface MaybeZone {
  root?: { run?: <Result>(work: () => Result) => Result };
}

/**
 * Does something outside of Angular's zone, which would take a timer for work of the app: it would wait for the timer to
 * become stable, and look for changes after each.
 */
export function outsideZones<Result>(work: () => Result): Result {
  const root = (globalThis as { Zone?: MaybeZone }).Zone?.root;
  return root?.run ? root.run(work) : work();
}
