import { expect, test } from "vitest";
import { closeCodes } from "../../sdk/wire.ts";
import { closeFor } from "../../worker/http/close-frame.ts";
import { orRefuse, problemResponse, problemTypes, type Reason, Refusal } from "../../worker/http/problem.ts";
import { ok, refused } from "../../worker/result.ts";

const types = problemTypes() as [Reason, number][];

test("every refusal is a problem document of its own type and status", async () => {
  for (const [type, status] of types) {
    const refusal = new Refusal(type, "what would be right", { "retry-after": "5" }, { line: 3 });
    const response = problemResponse(refusal);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.json()).toEqual({
      type,
      status,
      title: expect.stringMatching(/./),
      detail: "what would be right",
      line: 3,
    });
  }
});

test("a socket is closed with the code that its client knows for the status", () => {
  for (const [type, status] of types) {
    const { code, reason } = closeFor(new Refusal(type, "why"));
    const expected = [
      [[401, 403], closeCodes.credentials],
      [[429], closeCodes.tooMany],
      [[500, 503], closeCodes.tryAgain],
    ] as const;
    const [, known] = expected.find(([statuses]) => (statuses as readonly number[]).includes(status)) ?? [];
    expect([type, code, reason]).toEqual([type, known ?? closeCodes.badMessage, `${type}: why`]);
  }
});

test("an error that nobody meant says nothing of itself", () => {
  expect(closeFor(new Error("alice"))).toEqual({ code: closeCodes.tryAgain, reason: "internal-error" });
});

test("a reason is cut to fit into a close frame, between characters", () => {
  const { reason } = closeFor(new Refusal("conflict", "ü€😀".repeat(40)));
  const bytes = Buffer.byteLength(reason);
  expect(bytes).toBeLessThanOrEqual(123);
  expect(bytes).toBeGreaterThan(119);
  expect(reason.isWellFormed()).toBe(true);
});

test("a good result is its value, and a refused one becomes a refusal in its words", () => {
  expect(orRefuse(ok(5), "conflict")).toBe(5);
  expect(() => orRefuse(refused("expected less"), "conflict")).toThrow(
    expect.objectContaining({ reason: "conflict", detail: "expected less" }),
  );
});
