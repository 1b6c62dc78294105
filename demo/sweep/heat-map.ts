import { drawAxes, type Frame, placed } from './axis-drawing.ts';
import type { AxisScale } from './axis-scale.ts';
import { CanvasFigure } from './canvas-figure.ts';
import { CELL, type CellValues } from './cell-values.ts';
import type { ColourScale } from './colour-scale.ts';

const MARGIN = { left: 66, right: 10, top: 8, bottom: 52 } as const;
const DOT_RADIUS = 5;

/**
 * A measure over two axes, in colour. Cells are the pixels of a small image that is enlarged: a finished point changes
 * one pixel, and all pixels are made anew only where the colours change.
 */
export class HeatMap extends CanvasFigure {
  #cells: CellValues | undefined;
  #colour: ColourScale | undefined;
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  readonly #small = document.createElement('canvas');
  #hatch: CanvasPattern | null = null;

  /** Shows other cells. */
  show(cells: CellValues, colour: ColourScale | undefined): void {
    const { columns, rows } = cells.layout;
    this.#cells = cells;
    this.#colour = colour;
    this.#image = new ImageData(columns, rows);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#small.width = columns;
    this.#small.height = rows;
    this.#paint(undefined);
    this.resized();
  }

  /** Cells changed their values. @param colour what they are coloured by; all cells are coloured anew if it is another */
  update(changed: readonly number[], colour: ColourScale | undefined): void {
    const recolour = colour !== this.#colour;
    this.#colour = colour;
    this.#paint(recolour ? undefined : changed);
    this.redraw();
  }

  protected override themeChanged(): void {
    this.#hatch = null;
    this.#paint(undefined);
  }

  protected heightAt(width: number): number {
    const layout = this.#cells?.layout;
    const inner = width - MARGIN.left - MARGIN.right;
    // Square cells where that gives a figure of a usual shape.
    const shape = layout?.kind === 'grid' ? layout.rows / layout.columns : 0.7;
    return Math.round(Math.min(0.8, Math.max(0.5, shape)) * inner) + MARGIN.top + MARGIN.bottom;
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const cells = this.#cells;
    if (!cells?.layout.x || !cells.layout.y) return;
    const { layout } = cells;
    const { x, y } = cells.layout as { x: AxisScale; y: AxisScale };
    const frame = frameOf(width, height);
    context.fillStyle = this.#hatching(context);
    context.fillRect(frame.left, frame.top, frame.width, frame.height);
    if (layout.kind === 'scatter') this.#drawDots(context, frame);
    else {
      context.imageSmoothingEnabled = layout.columns > frame.width || layout.rows > frame.height;
      context.drawImage(this.#small, frame.left, frame.top, frame.width, frame.height);
    }
    context.strokeStyle = this.colours.line;
    context.strokeRect(frame.left, frame.top, frame.width, frame.height);

    const [xs, ys] = [Math.floor(frame.width / 62), Math.floor(frame.height / 30)];
    const scattered = layout.kind === 'scatter';
    const spread = (scale: AxisScale, most: number, size: number) =>
      scale.roundValues(most).map((value) => ({ at: inset(scale.share(value), size), text: `${value}` }));
    drawAxes(context, frame, this.colours, {
      x: scattered ? spread(x, xs, frame.width) : placed(x.ticks(xs), frame.width / layout.columns),
      y: scattered ? spread(y, ys, frame.height) : placed(y.ticks(ys), frame.height / layout.rows),
      xName: x.path,
      yName: y.path,
    });
    this.#drawSelected(context, frame);
  }

  protected cellAt(x: number, y: number): number | undefined {
    const layout = this.#cells?.layout;
    if (!layout) return undefined;
    const frame = frameOf(this.width, this.height);
    const [u, v] = [(x - frame.left) / frame.width, (frame.top + frame.height - y) / frame.height];
    if (u < 0 || u >= 1 || v < 0 || v >= 1) return undefined;
    if (layout.kind === 'grid') return Math.floor(v * layout.rows) * layout.columns + Math.floor(u * layout.columns);
    let nearest: number | undefined;
    let least = (2 * DOT_RADIUS) ** 2;
    for (let cell = 0; cell < layout.cells; cell++) {
      const [dotX, dotY] = this.#dotAt(cell, frame);
      const distance = (dotX - x) ** 2 + (dotY - y) ** 2;
      if (distance >= least) continue;
      least = distance;
      nearest = cell;
    }
    return nearest;
  }

  protected get firstCell(): number | undefined {
    return this.#cells ? 0 : undefined;
  }

  protected neighbour(cell: number, right: number, up: number): number | undefined {
    const { columns, rows, kind } = this.#cells!.layout;
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
    if (kind === 'scatter') return clamp(cell + right + up, columns);
    const row = Math.floor(cell / columns);
    return clamp(row + up, rows) * columns + clamp(cell - row * columns + right, columns);
  }

  /** Colours these cells of the small image, or all. */
  #paint(changed: readonly number[] | undefined): void {
    const cells = this.#cells;
    if (!cells || !this.#image || cells.layout.kind !== 'grid') return;
    const { columns, rows } = cells.layout;
    const undetermined = this.colours.dark ? 0xff564b3f : 0xffc2bab1;
    const paint = (cell: number) => {
      const row = Math.floor(cell / columns);
      const state = cells.states[cell];
      // Rows of an image count from the top.
      this.#pixels[(rows - 1 - row) * columns + cell - row * columns] =
        state === CELL.known && this.#colour
          ? this.#colour.pixel(cells.values[cell]!)
          : state === CELL.waiting
            ? 0
            : undetermined;
    };
    if (changed) changed.forEach(paint);
    else for (let cell = 0; cell < cells.layout.cells; cell++) paint(cell);
    this.#small.getContext('2d')?.putImageData(this.#image, 0, 0);
  }

  #drawDots(context: CanvasRenderingContext2D, frame: Frame): void {
    const { values, states, layout } = this.#cells!;
    context.lineWidth = 1;
    for (let cell = 0; cell < layout.cells; cell++) {
      const [x, y] = this.#dotAt(cell, frame);
      context.beginPath();
      context.arc(x, y, layout.cells > 2000 ? 3 : DOT_RADIUS, 0, 2 * Math.PI);
      if (states[cell] === CELL.known && this.#colour) {
        context.fillStyle = this.#colour.css(values[cell]!);
        context.fill();
      }
      context.strokeStyle = this.colours.soft;
      context.stroke();
    }
  }

  #dotAt(cell: number, frame: Frame): readonly [number, number] {
    const { layout } = this.#cells!;
    const { x, y } = layout;
    const position = x!.positions[cell]!;
    const [u, v] = [x!.share(x!.sorted[cell]!), y!.share(y!.sorted[y!.places[position]!]!)];
    return [frame.left + inset(u, frame.width), frame.top + frame.height - inset(v, frame.height)];
  }

  #drawSelected(context: CanvasRenderingContext2D, frame: Frame): void {
    const layout = this.#cells?.layout;
    if (this.selected === undefined || !layout) return;
    const outline = (grow: number) => {
      context.beginPath();
      if (layout.kind === 'scatter') {
        const [x, y] = this.#dotAt(this.selected!, frame);
        context.arc(x, y, DOT_RADIUS + 2 + grow, 0, 2 * Math.PI);
      } else {
        const [w, h] = [frame.width / layout.columns, frame.height / layout.rows];
        const row = Math.floor(this.selected! / layout.columns);
        const column = this.selected! - row * layout.columns;
        const [x, y] = [frame.left + column * w, frame.top + frame.height - (row + 1) * h];
        // A cell of a few pixels is shown by a ring around it.
        const room = Math.max(0, 5 - Math.min(w, h) / 2) + grow;
        context.rect(x - room, y - room, w + 2 * room, h + 2 * room);
      }
      context.stroke();
    };
    context.lineWidth = 2;
    context.strokeStyle = this.colours.card;
    outline(2);
    context.strokeStyle = this.colours.text;
    outline(0);
    context.lineWidth = 1;
  }

  /** What lies under points that are not finished. */
  #hatching(context: CanvasRenderingContext2D): CanvasPattern | string {
    if (this.#hatch) return this.#hatch;
    const tile = document.createElement('canvas');
    tile.width = tile.height = 12;
    const pen = tile.getContext('2d');
    if (!pen) return this.colours.page;
    pen.fillStyle = this.colours.page;
    pen.fillRect(0, 0, 12, 12);
    pen.strokeStyle = this.colours.line;
    pen.lineWidth = 1.2;
    for (const offset of [-12, 0, 12]) {
      pen.beginPath();
      pen.moveTo(offset, 12);
      pen.lineTo(offset + 12, 0);
      pen.stroke();
    }
    this.#hatch = context.createPattern(tile, 'repeat');
    return this.#hatch ?? this.colours.page;
  }
}

function frameOf(width: number, height: number): Frame {
  return {
    left: MARGIN.left,
    top: MARGIN.top,
    width: width - MARGIN.left - MARGIN.right,
    height: height - MARGIN.top - MARGIN.bottom,
  };
}

/** Dots at the ends of an axis stay within the frame. */
function inset(share: number, size: number): number {
  return 10 + share * (size - 20);
}
