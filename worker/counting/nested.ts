import type { Counted } from "../sketch/index.ts";

/** A count of people raised to that of some of them: each has its own error, and a part is never more than the whole. */
export function atLeast<Whole extends Counted>(whole: Whole, part: Counted): Whole {
  return {
    ...whole,
    count: Math.max(whole.count, part.count),
    low: Math.max(whole.low, part.low),
    high: Math.max(whole.high, part.count),
  };
}

/** An estimate of a part of people lowered to the count of them all, where that is known better. */
export function atMost<Part extends Counted>(part: Part, whole: Counted): Part {
  const count = Math.min(part.count, whole.count);
  return {
    ...part,
    count,
    low: Math.min(part.low, count),
    high: Math.max(count, Math.min(part.high, whole.high)),
  };
}

/**
 * Brings a count and those of its parts into line. What is exact of a part raises the whole. What is estimated gives way to it:
 * within large days links move everyone and not each value, so that the whole is known better, and it then is the same beside
 * whatever parts it stands.
 */
export function inLine<Whole extends Counted, Part extends Counted>(
  whole: Whole,
  parts: readonly Part[],
): { whole: Whole; parts: Part[] } {
  const raised = parts.filter(isExact).reduce(atLeast, whole);
  return { whole: raised, parts: parts.map((part) => (isExact(part) ? part : atMost(part, raised))) };
}

function isExact({ low, high }: Counted): boolean {
  return low === high;
}

/** The count of one value of a dimension. */
export interface GroupCount extends Counted {
  value: string;
}

/** The largest first. */
export function bySize(a: GroupCount, b: GroupCount): number {
  return b.count - a.count || (a.value < b.value ? -1 : 1);
}

/** A window from an instant on, how many people were active in it, and of these those of each value; null where that isn't known. */
interface NestedWindow {
  from: number;
  count: number | null;
  low: number | null;
  high: number | null;
  groups?: GroupCount[];
}

/**
 * Brings windows into line that end at the same time: who was there in a day was there in its week and its month, also among
 * the people of one value. They stay in their order.
 */
export function nested<Window extends NestedWindow>(windows: readonly Window[]): Window[] {
  const raised = [...windows];
  const shortestFirst = [...windows.keys()].toSorted((a, b) => windows[b]!.from - windows[a]!.from);
  let part: (Window & Counted) | null = null;
  for (const index of shortestFirst) {
    const window = raised[index]!;
    if (!isCounted(window)) continue;
    part = part === null ? window : around(window, part);
    raised[index] = part;
  }
  return raised;
}

function around<Window extends NestedWindow & Counted>(window: Window, part: Window): Window {
  const whole = atLeast(window, part);
  if (window.groups === undefined || part.groups === undefined) return whole;
  const parts = new Map(part.groups.map((group) => [group.value, group]));
  const groups = window.groups.map((group) => atLeast(group, parts.get(group.value) ?? group));
  for (const { value } of groups) parts.delete(value);
  return { ...whole, groups: [...groups, ...parts.values()].toSorted(bySize) };
}

function isCounted<Window extends NestedWindow>(window: Window): window is Window & Counted {
  return window.count !== null;
}
