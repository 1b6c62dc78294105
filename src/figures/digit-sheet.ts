/** Images on a sheet, side by side, as grey pixels. */
export interface DigitSheet {
  /** Row-major, 0 (black) … 255 (white). */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Pixels between two images. */
const GAP = 2;
const GAP_GREY = 64;

/**
 * Images in rows on a sheet, each pixel `zoom` × `zoom` large.
 *
 * @param images shape [images][rows · columns], 0 … 1; beyond that range they are cut
 * @param across images of a row
 */
export function digitSheet(
  images: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  across: number,
  zoom = 2,
): DigitSheet {
  const count = images.length / (rows * columns);
  const down = Math.ceil(count / across);
  const width = across * (columns * zoom + GAP) + GAP;
  const height = down * (rows * zoom + GAP) + GAP;
  const pixels = new Uint8Array(width * height).fill(GAP_GREY);
  for (let image = 0; image < count; image++) {
    const top = GAP + Math.floor(image / across) * (rows * zoom + GAP);
    const left = GAP + (image % across) * (columns * zoom + GAP);
    for (let y = 0; y < rows * zoom; y++) {
      for (let x = 0; x < columns * zoom; x++) {
        const from = image * rows * columns + Math.floor(y / zoom) * columns + Math.floor(x / zoom);
        pixels[(top + y) * width + left + x] = Math.round(255 * Math.min(1, Math.max(0, images[from]!)));
      }
    }
  }
  return { pixels, width, height };
}
