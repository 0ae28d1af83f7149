import type { Annotation } from "../../../sdk/answers.ts";

/** What is to be marked at each place of a chart: a place holds the days from its date until the next one's. */
export function annotationsByPlace(
  dates: readonly string[],
  lengthDays: number,
  annotations: readonly Annotation[],
): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const { day, text } of annotations) {
    const place = dates.findLastIndex((date) => date <= day);
    const date = dates[place];
    if (date === undefined || Date.parse(day) - Date.parse(date) >= lengthDays * 86_400_000) continue;
    const said = texts.get(place);
    texts.set(place, said === undefined ? text : `${said}; ${text}`);
  }
  return texts;
}
