import { watchClock } from "./clock-steps.ts";
import { type Engine, type EngineOptions, startEngine } from "./engine.ts";

/** What hangs on an old clock won't be finished: after this long the engine is ended as it is. */
const stepGraceMs = 500;

/**
 * An engine that is started anew whenever the wall clock was set back: what it had begun to wait for would come as much later,
 * a heartbeat's commit too. Nothing that was acknowledged is lost by that.
 */
export async function startKeptEngine(options: EngineOptions): Promise<Engine> {
  let engine = await startEngine(options);
  const { port } = engine;
  const over = new AbortController();
  let isToRestart = false;
  watchClock((backMs) => {
    isToRestart = true;
    process.stderr.write(
      `headcount: the clock was set back by ${Math.round(backMs / 1000)} s: restarting the engine\n`,
    );
    engine.stop(stepGraceMs);
  }, over.signal);

  const keep = async () => {
    for (;;) {
      const how = await engine.ended;
      if (over.signal.aborted || !isToRestart) return how;
      isToRestart = false;
      engine = await startEngine({ ...options, port });
      if (over.signal.aborted) engine.stop();
    }
  };
  return {
    port,
    ended: keep().finally(() => over.abort()),
    stop(graceMs) {
      over.abort();
      engine.stop(graceMs);
    },
    refuse: (share) => engine.refuse(share),
  };
}
