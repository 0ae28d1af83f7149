import { expect, test } from "vitest";
import { maxWaitingSockets, waitingPlaceMs } from "../../worker/limits.ts";
import { WaitingSockets } from "../../worker/live/waiting-sockets.ts";

const { inAll, perAddress } = maxWaitingSockets;

const enterMany = (waiting: WaitingSockets, count: number, address: (index: number) => string | null) =>
  Array.from({ length: count }, (_, index) => waiting.enter(address(index), 0));

test("one address has so many places, and gets them back as its sockets speak or go", () => {
  const waiting = new WaitingSockets();
  const places = enterMany(waiting, perAddress, () => "a");
  expect(places).not.toContain(null);
  expect(waiting.enter("a", 0)).toBeNull();
  expect(waiting.enter("b", 0)).not.toBeNull();
  for (const place of places) waiting.leave(place as number);
  waiting.leave(places[0] as number);
  expect(enterMany(waiting, perAddress, () => "a")).not.toContain(null);
  expect(waiting.enter("a", 0)).toBeNull();
});

test("all together have so many, whether addresses are known or not", () => {
  for (const address of [(index: number) => `address-${index}`, () => null]) {
    const waiting = new WaitingSockets();
    expect(enterMany(waiting, inAll, address)).not.toContain(null);
    expect(waiting.enter("another", 0)).toBeNull();
    expect(waiting.enter(null, 0)).toBeNull();
  }
});

test("who never leaves holds a place for a bounded time, also where the clock was set back", () => {
  for (const later of [waitingPlaceMs, -waitingPlaceMs]) {
    const waiting = new WaitingSockets();
    enterMany(waiting, inAll, () => null);
    expect(waiting.enter("b", later / 2)).toBeNull();
    expect(waiting.enter("b", later)).not.toBeNull();
  }
});
