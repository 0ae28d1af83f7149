import { runCommand } from "./command-line.ts";
import { Crowd } from "./demo/crowd.ts";
import { freshen, openChapter, prepareApp, tellHistory } from "./demo/history.ts";
import { Population } from "./demo/population.ts";
import { ProgressBar } from "./progress.ts";
import { readServeOptions, serve } from "./serve.ts";

const usage = "npm run demo -- [--port N] [--host H] [--data DIR]";
/** Apart from real data. */
const demoDataDir = ".headcount-demo";

/**
 * `npm start` with an invented app: its history comes in through the public door for back-filling, and a few hundred
 * people live through the SDK. Started again it goes on where it was.
 */
await runCommand(async () => {
  const server = await serve(readServeOptions({ data: demoDataDir }, usage));
  const { url, keys, dataDir, stopping } = server;
  const beganAt = Date.now();
  const chapter = await openChapter(dataDir, beganAt);
  const population = new Population(chapter.firstDay, chapter.zone);
  const door = { url, secretKey: keys.secret };
  const isNew = chapter.through === 0;
  const crowd = new Crowd(url, keys.public, population, beganAt);
  stopping.addEventListener("abort", () => crowd.stop());

  process.stdout.write(`\nHeadcount's demo: an invented app, its data in ${dataDir}\n\n`);
  try {
    if (isNew) await prepareApp(door, chapter);
    const bar = new ProgressBar(isNew ? "60 days of history" : "Activity since the last start");
    const options = { dataDir, until: beganAt, stopping };
    const beats = await tellHistory(door, chapter, population, options, (share, some) =>
      bar.show(share, `${some.toLocaleString("en")} beats`),
    );
    bar.end(`${beats.toLocaleString("en")} beats in ${((Date.now() - beganAt) / 1000).toFixed(1)} s`);
  } catch (error) {
    // Whoever ends it while history is told keeps what was told.
    if (!stopping.aborted) {
      server.stop();
      throw error;
    }
  }
  if (!stopping.aborted) {
    crowd.start();
    await crowd.gathered();
    await freshen(door);
    process.stdout.write(greeting(url, keys.read));
  }
  await server.ended.finally(() => crowd.stop());
});

function greeting(url: string, readKey: string): string {
  return `
A few hundred invented people are coming and going now, through the real SDK.
Look at them:

  ${url}/#key=${readKey}

Ctrl-C ends it; the next start goes on from here.

ready
`;
}
