import { expect, onTestFinished } from "vitest";
import { createHeadcount, type HeadcountError, type HeadcountServer } from "../../sdk/server/index.ts";
import { startHeadcount, type TestHeadcount } from "../../sdk/testing/index.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";

/** A real service that is gone when the test is, and an app's client of it. */
export interface CountedService {
  service: TestHeadcount;
  /** Between the two. */
  proxy: CountingProxy;
  headcount: HeadcountServer;
  errors: HeadcountError[];
  /** How many were active in the last 24 hours, with all that waits. */
  daily: () => Promise<number>;
}

export async function startCountedService(): Promise<CountedService> {
  const service = await startHeadcount();
  const proxy = await startCountingProxy(service.url);
  const errors: HeadcountError[] = [];
  const headcount = createHeadcount({
    endpoint: proxy.url,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await headcount.close({ timeoutMs: 1 });
    await proxy.close();
    await service.stop();
  });
  return {
    service,
    proxy,
    headcount,
    errors,
    async daily() {
      expect(await headcount.flush()).toBe(true);
      return (await service.counts()).dau;
    },
  };
}
