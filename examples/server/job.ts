import { headcount } from "./client.ts";

// A job that runs at night over what users did by day, by e-mail say: `at` is when they did it.
const mails = [
  { from: "u-42", at: new Date(Date.now() - 20 * 3_600_000), signedUp: "2026-11-01" },
  { from: "u-43", at: new Date(Date.now() - 8 * 3_600_000), signedUp: "2026-11-19" },
];
for (const { from, at, signedUp } of mails) headcount.touch(from, { at, since: signedUp });

// A process that ends by itself does not wait for what is unsent, so this does.
if (!(await headcount.close())) process.exitCode = 1;
