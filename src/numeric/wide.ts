import { multiplyHigh } from '../random/philox.ts';

/**
 * A 64-bit integer, two's complement, as two signed 32-bit words that change in place: exact like BigInt, and fast
 * enough for inner loops. Twin of `shaders/arithmetic/wide.wgsl`.
 */
export class Wide {
  high = 0;
  low = 0;

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  copy(other: Wide): this {
    this.high = other.high;
    this.low = other.low;
    return this;
  }

  add(other: Wide): this {
    const low = (this.low + other.low) | 0;
    const carry = low >>> 0 < this.low >>> 0 ? 1 : 0;
    this.high = (this.high + other.high + carry) | 0;
    this.low = low;
    return this;
  }

  subtract(other: Wide): this {
    const borrow = this.low >>> 0 < other.low >>> 0 ? 1 : 0;
    this.high = (this.high - other.high - borrow) | 0;
    this.low = (this.low - other.low) | 0;
    return this;
  }

  /** x · y of a signed and an unsigned 32-bit factor. */
  setProduct(x: number, y: number): this {
    this.high = (multiplyHigh(x, y) - (x < 0 ? y : 0)) | 0;
    this.low = Math.imul(x, y);
    return this;
  }

  shiftLeft(bits: number): this {
    if (bits === 0) return this;
    this.high = (this.high << bits) | (this.low >>> (32 - bits));
    this.low <<= bits;
    return this;
  }

  /** Arithmetic shift, 0 ≤ bits ≤ 63. */
  shiftRight(bits: number): this {
    if (bits >= 32) return this.set(this.high >> 31, this.high >> (bits - 32));
    if (bits === 0) return this;
    this.low = (this.low >>> bits) | (this.high << (32 - bits));
    this.high >>= bits;
    return this;
  }

  /** Multiplies with y · 2⁻³¹, rounded down; |this| < 2⁶², 0 ≤ y < 2³². */
  scale(y: number): this {
    this.shiftLeft(1);
    const carried = multiplyHigh(this.low, y);
    this.setProduct(this.high, y);
    const low = (this.low + carried) | 0;
    if (low >>> 0 < carried) this.high = (this.high + 1) | 0;
    this.low = low;
    return this;
  }
}

const product = new Wide();
const half = new Wide();

/** (x · y) >> bits of a signed and an unsigned 32-bit factor where it fits 32 bits, rounded down; 0 ≤ bits ≤ 63. */
export function multiplyShiftDown(x: number, y: number, bits: number): number {
  return product.setProduct(x, y).shiftRight(bits).low;
}

/** round(x · y / 2^bits), halves up, where it fits 32 bits; 1 ≤ bits ≤ 32. */
export function multiplyShift(x: number, y: number, bits: number): number {
  return product
    .setProduct(x, y)
    .add(half.set(0, 1 << (bits - 1)))
    .shiftRight(bits).low;
}
