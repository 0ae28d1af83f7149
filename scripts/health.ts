import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultUrl, reach } from "./transfer.ts";

const patienceMs = 5000;

// For supervisors that tell by a command's exit code whether a service is well, on machines without curl.
await runCommand(async () => {
  const { values } = readCommandLine(
    { url: { type: "string", default: defaultUrl } },
    `headcount health [--url ${defaultUrl}]`,
  );
  const url = values.url.replace(/\/$/, "");
  const answer = await reach(url, "/healthz", { signal: AbortSignal.timeout(patienceMs) });
  const text = await answer.text();
  if (!answer.ok) throw new UsageError(`${url} answered ${answer.status}: ${text}`);
  process.stdout.write(`${text}\n`);
});
