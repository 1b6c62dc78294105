import { axisUnit, numberText } from '../../src/figures/number-text.ts';
import { element, make } from '../elements.ts';
import { roundSteps } from './axis-scale.ts';
import type { ColourScale } from './colour-scale.ts';
import type { MeasureText } from './measure-texts.ts';

const SWATCHES = 24;

/** Draws the legend of the colours: a bar, its values and its unit. */
export function showLegend(colour: ColourScale | undefined, { unit }: MeasureText): void {
  const place = element('legend', HTMLElement);
  place.classList.toggle('empty', !colour);
  if (!colour) return;
  const { low, high, range } = colour;
  const scale = axisUnit(Math.max(Math.abs(low), Math.abs(high)));
  const stops = Array.from({ length: SWATCHES }, (_, n) => colour.css(low + ((high - low) * (n + 0.5)) / SWATCHES));
  element('legend-bar', HTMLElement).style.background = `linear-gradient(to right, ${stops.join(', ')})`;
  const ticks = high > low ? roundSteps(low, high, 5) : [low];
  element('legend-ticks', HTMLElement).replaceChildren(
    ...ticks.map((value) => {
      const tick = make('span', {}, numberText(value * scale.factor, 4));
      tick.style.left = `${high > low ? (100 * (value - low)) / (high - low) : 50}%`;
      return tick;
    }),
  );
  const beyond = [range.below ? 'some are lower' : '', range.above ? 'some are higher' : ''].filter(Boolean).join(', ');
  element('legend-unit', HTMLElement).textContent = `${unit}${scale.suffix}${beyond === '' ? '' : `; ${beyond}`}`;
}
