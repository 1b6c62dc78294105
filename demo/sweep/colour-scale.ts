import type { ValueRange } from './cell-values.ts';

/** Colours that part at zero, or run from one end to the other. */
export type ColourKind = 'diverging' | 'sequential';

/** Blue below and orange above zero, which stay apart for readers with any common colour blindness. */
const DIVERGING = {
  light: ['#083f73', '#2f86c1', '#a9d0ea', '#f4f2ee', '#f7c193', '#dd7526', '#8a3503'],
  dark: ['#bfe4ff', '#56b4e9', '#24638d', '#20262c', '#8d4a1c', '#f08a3c', '#ffd6b0'],
} as const;

/** From dark to light in steps that look equal, also without colour. */
const SEQUENTIAL = ['#2a1657', '#2f3f86', '#23698f', '#1f918a', '#4bb673', '#a2d350', '#f6e65c'] as const;

const STEPS = 256;

/** Maps numbers to colours. */
export class ColourScale {
  readonly kind: ColourKind;
  /** Values at both ends. */
  readonly low: number;
  readonly high: number;
  readonly range: ValueRange;
  /** As pixels of an image: red in the lowest byte. */
  readonly #pixels: Uint32Array;

  /** @param signed whether the sign of the values has a meaning: colours part at zero where there are both */
  constructor(range: ValueRange, signed: boolean, dark: boolean) {
    const reach = Math.max(Math.abs(range.low), Math.abs(range.high));
    // A hair beyond zero is noise of one sign, and no second one.
    const both = range.low < -0.02 * reach && range.high > 0.02 * reach;
    this.kind = signed && both ? 'diverging' : 'sequential';
    this.low = this.kind === 'diverging' ? -reach : range.low;
    this.high = this.kind === 'diverging' ? reach : range.high;
    this.range = range;
    this.#pixels = pixelsOf(this.kind === 'diverging' ? DIVERGING[dark ? 'dark' : 'light'] : SEQUENTIAL);
  }

  pixel(value: number): number {
    const share = this.high > this.low ? (value - this.low) / (this.high - this.low) : 0.5;
    return this.#pixels[Math.max(0, Math.min(STEPS - 1, Math.floor(share * STEPS)))]!;
  }

  css(value: number): string {
    const pixel = this.pixel(value);
    return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
  }

  /** Whether another scale gives every value about the same colour. @param part of the whole scale that it may differ */
  isNear(other: ColourScale, part: number): boolean {
    const most = part * (this.high - this.low);
    const near = (a: number, b: number) => Math.abs(a - b) <= most;
    return other.kind === this.kind && near(other.low, this.low) && near(other.high, this.high);
  }
}

type Lab = readonly [lightness: number, a: number, b: number];

/** Anchors with equal distances, joined in a colour space in which equal steps look equal (Ottosson's Oklab). */
function pixelsOf(anchors: readonly string[]): Uint32Array {
  const labs = anchors.map((hex) => toLab(channels(hex)));
  return Uint32Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (labs.length - 1);
    const index = Math.min(labs.length - 2, Math.floor(place));
    const [from, to] = [labs[index]!, labs[index + 1]!];
    const mixed = from.map((value, n) => value + (to[n]! - value) * (place - index)) as unknown as Lab;
    const [red, green, blue] = fromLab(mixed).map((part) => Math.round(255 * Math.max(0, Math.min(1, part))));
    return (255 << 24) | (blue! << 16) | (green! << 8) | red!;
  });
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

function toLab(rgb: readonly number[]): Lab {
  const [r, g, b] = rgb.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r! + 0.5363325363 * g! + 0.0514459929 * b!);
  const m = Math.cbrt(0.2119034982 * r! + 0.6806995451 * g! + 0.1073969566 * b!);
  const s = Math.cbrt(0.0883024619 * r! + 0.2817188376 * g! + 0.6299787005 * b!);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]: Lab): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((part) => (part <= 0.0031308 ? 12.92 * part : 1.055 * Math.max(0, part) ** (1 / 2.4) - 0.055));
}
