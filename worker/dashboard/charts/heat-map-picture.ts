import type { CohortRow } from "../../../sdk/answers.ts";
import { pictureOf } from "../download.ts";
import { day, number } from "../format.ts";
import { colour } from "../theme.ts";

const [cellWidth, cellHeight, headWidth] = [56, 30, 150];

/** The heat map of retention as a picture: the page itself shows it as a table. */
export function heatMapPicture(
  title: string,
  columns: string[],
  cohorts: readonly CohortRow[],
): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const scale = 2;
  canvas.width = (headWidth + columns.length * cellWidth) * scale;
  canvas.height = (cohorts.length + 1) * cellHeight * scale;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.scale(scale, scale);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "middle";
  context.fillStyle = colour("--muted");
  context.textAlign = "center";
  for (const [place, name] of columns.entries()) {
    context.fillText(name, headWidth + (place + 0.5) * cellWidth, cellHeight / 2);
  }
  for (const [row, { cohort, size, periods }] of cohorts.entries()) {
    const middle = (row + 1.5) * cellHeight;
    context.textAlign = "left";
    context.fillStyle = colour("--text");
    context.fillText(`${day(cohort)}   ${number(size.count)}`, 0, middle);
    context.textAlign = "center";
    for (const { period, rate } of periods) {
      const left = headWidth + period * cellWidth;
      const step = rate === null ? null : Math.min(9, Math.floor(rate / 10));
      context.fillStyle = step === null ? colour("--line-soft") : colour(`--heat-${step}`);
      context.fillRect(left + 1, (row + 1) * cellHeight + 1, cellWidth - 2, cellHeight - 2);
      context.fillStyle = step === null ? colour("--muted") : colour(step < 5 ? "--text" : "--on-heat");
      context.fillText(rate === null ? "–" : `${Math.round(rate)} %`, left + cellWidth / 2, middle);
    }
  }
  return pictureOf(canvas, title, [], scale);
}
