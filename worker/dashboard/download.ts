import { colour } from "./theme.ts";

/** Hands a file to the reader. */
export function save(name: string, contents: Blob): void {
  const url = URL.createObjectURL(contents);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Only once the download has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * A picture of a painted chart with its title and legend above.
 * @param legend names, each with the name of its colour in the style sheet
 * @param scale pixels of the canvas to one of the screen
 */
export async function pictureOf(
  chart: HTMLCanvasElement,
  title: string,
  legend: [string, string][],
  scale = devicePixelRatio,
): Promise<Blob> {
  const [margin, head] = [24 * scale, (legend.length > 0 ? 72 : 52) * scale];
  const picture = document.createElement("canvas");
  picture.width = chart.width + 2 * margin;
  picture.height = chart.height + head + margin;
  const context = picture.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = colour("--card");
  context.fillRect(0, 0, picture.width, picture.height);
  const family = getComputedStyle(document.body).fontFamily;
  context.fillStyle = colour("--text");
  context.font = `600 ${16 * scale}px ${family}`;
  context.fillText(title, margin, margin + 14 * scale);
  context.font = `${12 * scale}px ${family}`;
  let left = margin;
  for (const [name, hue] of legend) {
    context.fillStyle = colour(hue);
    context.fillRect(left, margin + 30 * scale, 10 * scale, 10 * scale);
    context.fillStyle = colour("--muted");
    context.fillText(name, left + 16 * scale, margin + 39 * scale);
    left += context.measureText(name).width + 36 * scale;
  }
  context.drawImage(chart, margin, head);
  return new Promise((resolve, reject) => {
    picture.toBlob((blob) => (blob === null ? reject(new Error("no picture was made")) : resolve(blob)));
  });
}
