import { axisUnit, numberText } from '../../src/figures/number-text.ts';
import { drawAxes, type Frame, line } from './axis-drawing.ts';
import { roundSteps } from './axis-scale.ts';
import { CanvasFigure } from './canvas-figure.ts';
import { CELL, type CellValues } from './cell-values.ts';
import { measureTexts } from './measure-texts.ts';

const MARGIN = { left: 66, right: 14, top: 12, bottom: 52 } as const;
/** With more points than this, dots and error bars would run into each other. */
const MOST_DOTS = 400;

/** A measure along one axis: dots with bars of two standard errors, joined by a line. */
export class LineChart extends CanvasFigure {
  #cells: CellValues | undefined;

  show(cells: CellValues): void {
    this.#cells = cells;
    this.resized();
  }

  protected heightAt(width: number): number {
    return Math.round(Math.max(240, Math.min(0.55 * width, 460)));
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const cells = this.#cells;
    if (!cells) return;
    const { layout, measure } = cells;
    const frame = frameOf(width, height);
    const range = this.#valueRange();
    const unit = axisUnit(range ? Math.max(Math.abs(range.low), Math.abs(range.high)) : 1);
    const levels = range ? roundSteps(range.low, range.high, Math.floor(frame.height / 44)) : [];
    const yOf = (value: number) =>
      range ? ((value - range.low) / (range.high - range.low)) * frame.height : frame.height / 2;
    const { title, unit: name } = measureTexts[measure];
    context.strokeStyle = this.colours.line;
    for (const level of levels) {
      const y = frame.top + frame.height - yOf(level);
      line(context, frame.left, y, frame.left + frame.width, y);
    }
    const ticks = layout.x?.roundValues(Math.floor(frame.width / 70)) ?? [];
    drawAxes(context, frame, this.colours, {
      x: ticks.map((value) => ({ at: inset(layout.x!.share(value), frame.width), text: numberText(value) })),
      y: levels.map((value) => ({ at: yOf(value), text: numberText(value * unit.factor, 6) })),
      xName: layout.x?.path ?? 'the only point',
      yName: `${title} (${name})${unit.suffix}`,
    });
    context.save();
    context.beginPath();
    context.rect(frame.left, 0, frame.width, frame.top + frame.height);
    context.clip();
    if (range) this.#drawData(context, frame, (value) => frame.top + frame.height - yOf(value));
    context.restore();
  }

  protected cellAt(x: number, y: number): number | undefined {
    const layout = this.#cells?.layout;
    const frame = frameOf(this.width, this.height);
    if (!layout || x < frame.left || x > frame.left + frame.width || y > frame.top + frame.height) return undefined;
    let nearest = 0;
    for (let cell = 1; cell < layout.cells; cell++) {
      if (Math.abs(this.#xOf(cell, frame) - x) < Math.abs(this.#xOf(nearest, frame) - x)) nearest = cell;
    }
    return nearest;
  }

  protected get firstCell(): number | undefined {
    return this.#cells ? 0 : undefined;
  }

  protected neighbour(cell: number, right: number, up: number): number | undefined {
    return Math.max(0, Math.min(this.#cells!.layout.cells - 1, cell + right + up));
  }

  #drawData(context: CanvasRenderingContext2D, frame: Frame, yOf: (value: number) => number): void {
    const { values, errors, states, layout } = this.#cells!;
    const { accent, card, text } = this.colours;
    context.strokeStyle = accent;
    context.fillStyle = accent;
    context.lineWidth = 1.5;
    context.beginPath();
    let joined = false;
    for (let cell = 0; cell < layout.cells; cell++) {
      const known = states[cell] === CELL.known;
      if (known && joined) context.lineTo(this.#xOf(cell, frame), yOf(values[cell]!));
      else if (known) context.moveTo(this.#xOf(cell, frame), yOf(values[cell]!));
      joined = known;
    }
    context.stroke();
    const sparse = layout.cells <= MOST_DOTS;
    for (let cell = 0; cell < layout.cells; cell++) {
      if (states[cell] !== CELL.known || (!sparse && cell !== this.selected)) continue;
      const [x, y] = [this.#xOf(cell, frame), yOf(values[cell]!)];
      const error = errors[cell]!;
      if (!Number.isNaN(error)) {
        context.globalAlpha = 0.55;
        line(context, x, yOf(values[cell]! - 2 * error), x, yOf(values[cell]! + 2 * error));
        context.globalAlpha = 1;
      }
      context.beginPath();
      context.arc(x, y, cell === this.selected ? 5.5 : 3.5, 0, 2 * Math.PI);
      context.fillStyle = cell === this.selected ? text : accent;
      context.fill();
      context.strokeStyle = card;
      context.stroke();
      context.strokeStyle = accent;
    }
  }

  #xOf(cell: number, frame: Frame): number {
    const { x } = this.#cells!.layout;
    return frame.left + inset(x ? x.share(x.sorted[cell]!) : 0.5, frame.width);
  }

  /** With room for error bars, and with zero where it is near. */
  #valueRange(): { readonly low: number; readonly high: number } | undefined {
    const cells = this.#cells!;
    const range = cells.range();
    if (!range) return undefined;
    let { low, high } = range;
    for (let cell = 0; cell < cells.values.length; cell++) {
      const value = cells.values[cell]!;
      if (!(value >= range.low && value <= range.high)) continue;
      // An error as large as all of the range tells nothing more.
      const error = Math.min(2 * (cells.errors[cell] || 0), range.high - range.low || Math.abs(value));
      low = Math.min(low, value - error);
      high = Math.max(high, value + error);
    }
    if (low > 0 && low < 0.5 * high) low = 0;
    if (high < 0 && high > 0.5 * low) high = 0;
    const room = 0.05 * (high - low || Math.abs(high) || 1);
    return { low: low === 0 ? 0 : low - room, high: high === 0 ? 0 : high + room };
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

function inset(share: number, size: number): number {
  return 8 + share * (size - 16);
}
