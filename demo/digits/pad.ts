import { paint } from './paint.ts';

/** Radii in pixels of the image. */
const PEN = 1.3;
const ERASER = 2.6;

/** A canvas on which an image is drawn, and parts of it are taken away. */
export class Pad {
  /** What a stroke does. */
  tool: () => 'draw' | 'erase' = () => 'draw';
  readonly #canvas: HTMLCanvasElement;
  readonly #rows: number;
  readonly #columns: number;
  #image: Float32Array;
  #visible: Float32Array;

  constructor(canvas: HTMLCanvasElement, [rows, columns]: readonly [number, number]) {
    this.#canvas = canvas;
    this.#rows = rows;
    this.#columns = columns;
    this.#image = new Float32Array(rows * columns);
    this.#visible = this.#image.map(() => 1);
    canvas.width = columns;
    canvas.height = rows;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#stroke(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (event.buttons > 0) this.#stroke(event);
    });
    this.#show();
  }

  /** The image, 0 … 1. */
  pixels(): Float32Array {
    return this.#image.slice();
  }

  /** 1 where a pixel is seen, else 0. */
  visible(): Float32Array {
    return this.#visible.slice();
  }

  clear(): void {
    this.#image.fill(0);
    this.#visible.fill(1);
    this.#show();
  }

  /** Puts an image there, all of it visible. */
  load(image: Float32Array): void {
    this.#image = image.slice();
    this.#visible.fill(1);
    this.#show();
  }

  /** Takes pixels away, and gives back the others. */
  hide(isHidden: (row: number, column: number) => boolean): void {
    this.#visible = this.#visible.map((_, i) => (isHidden(Math.floor(i / this.#columns), i % this.#columns) ? 0 : 1));
    this.#show();
  }

  #stroke({ clientX, clientY }: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * this.#columns - 0.5;
    const y = ((clientY - box.top) / box.height) * this.#rows - 0.5;
    const drawing = this.tool() === 'draw';
    for (let i = 0; i < this.#image.length; i++) {
      const distance = Math.hypot((i % this.#columns) - x, Math.floor(i / this.#columns) - y);
      if (drawing) {
        this.#image[i] = Math.max(this.#image[i]!, Math.min(1, Math.max(0, PEN + 0.5 - distance)));
        if (distance < PEN) this.#visible[i] = 1;
      } else if (distance < ERASER) this.#visible[i] = 0;
    }
    this.#show();
  }

  #show(): void {
    paint(this.#canvas, this.#image, this.#visible);
  }
}
