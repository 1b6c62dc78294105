import type { Words4 } from './philox.ts';

/**
 * sfc32, the "small fast counting" generator of Doty-Humphrey (PractRand): 128 bits of state, of which 32 are a
 * counter, so that no cycle is shorter than 2³² words. Started from a Philox output, which makes every state equally
 * likely, it needs no warm-up. Twin of `shaders/random/sfc32.wgsl`.
 */
export class Sfc32 {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor([a, b, c, counter]: Words4) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
  }

  /** The next word, as a signed 32-bit integer (the cheapest form in JavaScript; `>>> 0` makes it unsigned). */
  next(): number {
    const word = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + word) | 0;
    return word;
  }
}
