import packedChromium from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** A real Chromium without a window. It unpacks into the folder for temporary files at its first start. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await packedChromium.executablePath(),
    headless: true,
    args: [
      // Containers run tests as root, for whom Chromium's sandbox does not start.
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}
