/** Least pixels between two labels of the x axis. */
const labelPx = 64;
const numberPx = 26;

/**
 * The places on the x axis that get a label: each one, else Mondays, else the first of each month, else of each quarter,
 * else of each year; whichever are the first that fit.
 */
export function dateTicks(dates: readonly string[], widthPx: number): number[] {
  const all = dates.map((_, index) => index);
  const months = all.filter((index) => dates[index]?.slice(0, 7) !== dates[index - 1]?.slice(0, 7));
  // The first place rarely begins a month.
  const begun = months.filter((index) => index > 0 || dates[index]?.endsWith("-01"));
  const levels = [
    all,
    all.filter((index) => weekday(dates[index]) === 1),
    all.filter((index) => weekday(dates[index]) === 1).filter((_, nth) => nth % 2 === 0),
    begun,
    begun.filter((index) => ["01", "04", "07", "10"].includes(dates[index]?.slice(5, 7) ?? "")),
  ];
  const fitting = levels.find((level) => level.length > 0 && level.length * labelPx <= widthPx);
  return fitting ?? begun.filter((index) => dates[index]?.slice(5, 7) === "01");
}

/** The places that get a label where these are numbers: each one, each second, each fourth, … */
export function numberTicks(places: number, widthPx: number): number[] {
  let step = 1;
  while ((places / step) * numberPx > widthPx) step *= 2;
  return Array.from({ length: Math.ceil(places / step) }, (_, index) => index * step);
}

function weekday(date = ""): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}
