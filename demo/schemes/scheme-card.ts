import { agreementFigure, spikeTimingFigure } from '../../src/figures/index.ts';
import type { PairingScheme } from '../../src/index.ts';
import { make } from '../elements.ts';
import { FigurePanel } from '../figure-panel.ts';
import type { SchemeOutcome } from './comparison.ts';
import { schemeTexts } from './descriptions.ts';

/** The figures of one scheme. */
export class SchemeCard {
  readonly element: HTMLElement;
  readonly #curve: FigurePanel;
  readonly #agreement: FigurePanel;
  readonly #agreementPlace: HTMLElement;
  readonly #note: HTMLElement;

  constructor(scheme: PairingScheme) {
    const id = `scheme-${scheme}`;
    const curvePlace = make('div', { class: 'figure' });
    this.#agreementPlace = make('div', { class: 'figure' });
    this.#note = make('p', { class: 'caption constant-note', hidden: '' });
    this.#note.textContent =
      'The rate rule changes nothing where the postsynaptic rate is constant: no agreement to draw.';
    this.element = make(
      'article',
      { class: 'card scheme', 'aria-labelledby': id },
      make('h2', { id }, scheme),
      make('p', { class: 'caption' }, schemeTexts[scheme]),
      curvePlace,
      this.#agreementPlace,
      this.#note,
    );
    this.#curve = new FigurePanel(curvePlace);
    this.#agreement = new FigurePanel(this.#agreementPlace);
  }

  set outdated(outdated: boolean) {
    this.#curve.outdated = outdated;
    this.#agreement.outdated = outdated;
  }

  show({ curve, agreement, plan: { spec } }: SchemeOutcome): void {
    const isConstant = agreement.fit === null;
    this.#curve.show((width) => spikeTimingFigure(curve, { rule: 'pair', msPerStep: spec.msPerStep, width }));
    this.#agreementPlace.hidden = isConstant;
    this.#note.hidden = !isConstant;
    if (!isConstant) this.#agreement.show((width) => agreementFigure(agreement, { width }));
    this.outdated = false;
  }
}
