import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import { uniformsOf } from './noise.ts';

/**
 * Which half of an image is missing: pixels drawn at random, anew for each image; the left or the bottom half; every
 * other square of a board of 4 × 4 pixels.
 */
export type MissingPattern = 'random' | 'left' | 'bottom' | 'board';

export const missingPatterns: readonly MissingPattern[] = ['random', 'left', 'bottom', 'board'];

const SQUARE = 4;

/** Images with missing pixels. */
export interface DamagedImages {
  /** 1 where a pixel is seen, else 0; shape [images][rows · columns]. */
  readonly visible: Float32Array;
  /** The images, with noise uniform on 0 … 1 in place of what is missing. */
  readonly pixels: Float32Array;
}

/** Takes half of the pixels of images away. @param images shape [images][rows · columns] */
export function damaged(
  images: Float32Array,
  [rows, columns]: readonly [number, number],
  pattern: MissingPattern,
  seed: number,
): DamagedImages {
  const size = rows * columns;
  const count = images.length / size;
  const at = { seed, time: 0, firstRow: 0 };
  const noise = uniformsOf(images, { ...at, purpose: NETWORK_PURPOSE.missingPixels }, count, size);
  const chance =
    pattern === 'random' ? uniformsOf(images, { ...at, purpose: NETWORK_PURPOSE.missingMask }, count, size) : undefined;
  const visible = images.map((_, i) => {
    const row = Math.floor((i % size) / columns);
    const column = (i % size) % columns;
    return isVisible(row, column, chance?.[i] ?? 0) ? 1 : 0;
  });
  return { visible, pixels: images.map((value, i) => (visible[i] === 1 ? value : noise[i]!)) };

  function isVisible(row: number, column: number, draw: number): boolean {
    switch (pattern) {
      case 'random':
        return draw < 0.5;
      case 'left':
        return column >= columns / 2;
      case 'bottom':
        return row < rows / 2;
      case 'board':
        return (Math.floor(row / SQUARE) + Math.floor(column / SQUARE)) % 2 === 0;
    }
  }
}

/** Mean squared error over the missing pixels. */
export function missingError(filled: ArrayLike<number>, images: Float32Array, visible: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < images.length; i++) {
    if (visible[i] === 1) continue;
    sum += (filled[i]! - images[i]!) ** 2;
    count++;
  }
  return sum / count;
}
