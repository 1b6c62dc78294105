import type { Tick } from './axis-scale.ts';
import { type FigureColours, fontOf } from './canvas-figure.ts';

/** The rectangle between the axes. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A tick at its place in pixels along the axis. */
export interface PlacedTick {
  readonly at: number;
  readonly text: string;
}

/** Ticks of places of a width. */
export function placed(ticks: readonly Tick[], placeWidth: number): PlacedTick[] {
  return ticks.map(({ at, text }) => ({ at: at * placeWidth, text }));
}

/** Draws the names and ticks of both axes; ticks of y count from the bottom. Labels that would touch are left out. */
export function drawAxes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  colours: FigureColours,
  axes: { readonly x: readonly PlacedTick[]; readonly y: readonly PlacedTick[]; readonly xName: string; yName: string },
): void {
  const bottom = frame.top + frame.height;
  context.strokeStyle = colours.soft;
  context.fillStyle = colours.text;
  context.lineWidth = 1;
  context.font = fontOf(12);
  context.textAlign = 'center';
  context.textBaseline = 'top';
  let free = Number.NEGATIVE_INFINITY;
  for (const { at, text } of axes.x) {
    const x = frame.left + at;
    line(context, x, bottom, x, bottom + 4);
    const half = context.measureText(text).width / 2;
    if (x - half < free) continue;
    context.fillText(text, x, bottom + 7);
    free = x + half + 6;
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  let freeUp = Number.POSITIVE_INFINITY;
  for (const { at, text } of axes.y) {
    const y = bottom - at;
    line(context, frame.left - 4, y, frame.left, y);
    if (y + 7 > freeUp) continue;
    context.fillText(text, frame.left - 7, y);
    freeUp = y - 7;
  }
  context.font = fontOf(12.5, 560);
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  context.fillText(axes.xName, frame.left + frame.width / 2, bottom + 44, frame.width + frame.left);
  context.save();
  context.translate(13, frame.top + frame.height / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'middle';
  context.fillText(axes.yName, 0, 0, frame.height + 40);
  context.restore();
}

export function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
