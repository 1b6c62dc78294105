import { Option } from 'commander';
import type { Examples } from '../energy/training/trainer.ts';
import type { LabelledImages } from '../io/mnist.ts';
import { badOption } from './options.ts';

/** Layers that a command takes, and units of one, at most. */
const MOST_LAYERS = 8;
const MOST_UNITS = 10_000;

/** `--data`. */
export function dataOption(): Option {
  return new Option('--data <folder>', 'folder with the four files of MNIST, or of a data set in its format');
}

/** Reads units of layers, with commas between them. @param most units of a layer */
export function sizesOption(most = MOST_UNITS): (text: string) => number[] {
  return (text) => {
    const sizes = text.split(',').map((size) => (/^\d+$/.test(size) ? Number(size) : 0));
    const allowed = sizes.every((size) => size >= 1 && size <= most);
    if (allowed && sizes.length >= 2 && sizes.length <= MOST_LAYERS) return sizes;
    throw badOption('--sizes', text, `2 to ${MOST_LAYERS} integers from 1 to ${most}, such as 784,500,10`);
  };
}

/** Reads a number. */
export function numberOption(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw badOption(flag, text, 'a number');
  };
}

/** Reads numbers with commas between them. */
export function numbersOption(flag: string): (text: string) => number[] {
  return (text) => text.split(',').map(numberOption(flag));
}

/** Images as examples of a network. */
export function examplesOf({ count, rows, columns, images, labels }: LabelledImages): Examples {
  return { count, pixels: rows * columns, images, labels };
}
