import { make } from '../live/make.ts';

/** A place for an image, with its name under it. @param shape pixels down and across */
export function digitFrame(name: string, [rows, columns]: readonly [number, number]): HTMLElement {
  const size = { width: String(columns), height: String(rows) };
  return make(
    'figure',
    {},
    make('canvas', { ...size, role: 'img', 'aria-label': `${name} sample` }),
    make('figcaption', {}, name),
  );
}

/** Shows an image as grey pixels on a canvas of its size. @param pixels row-major, 0 … 1; beyond that range they are cut */
export function paintDigit(
  canvas: HTMLCanvasElement | undefined,
  pixels: Float32Array,
  [rows, columns]: readonly [number, number],
): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  const data = context.createImageData(columns, rows);
  pixels.forEach((value, i) => {
    const grey = Math.round(255 * value);
    data.data.set([grey, grey, grey, 255], 4 * i);
  });
  context.putImageData(data, 0, 0);
}

/** Pixels are ink from here on. */
const INK = 0.5;

/** What can be said of an image to those who do not see it: how much is ink, and where. */
export function describeDigit(pixels: Float32Array, [rows, columns]: readonly [number, number]): string {
  const ink = Array.from(pixels.keys()).filter((i) => pixels[i]! >= INK);
  if (ink.length === 0) return `no pixel of ${rows} × ${columns} is brighter than half.`;
  const across = ink.map((i) => i % columns);
  const down = ink.map((i) => Math.floor(i / columns));
  const range = (places: readonly number[]) => `${Math.min(...places) + 1} to ${Math.max(...places) + 1}`;
  return `${ink.length} of ${rows} × ${columns} pixels are brighter than half, in rows ${range(down)} and columns ${range(across)}.`;
}

/** Images side by side as a PNG file, each pixel four wide. */
export async function digitsPng(images: readonly Float32Array[], shape: readonly [number, number]): Promise<Blob> {
  const [{ digitSheet }, { greyPng }] = await Promise.all([
    import('../figures/digit-sheet.ts'),
    import('../io/png.ts'),
  ]);
  const values = images.flatMap((image) => [...image]);
  const { pixels, width, height } = digitSheet(values, shape, images.length, 4);
  return new Blob([await greyPng(pixels, width, height)], { type: 'image/png' });
}
