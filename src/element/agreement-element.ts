import type { FigureOptions } from '../figures/figure-options.ts';
import { numberText } from '../figures/number-text.ts';
import type { Column } from '../io/csv.ts';
import { agreementColumns } from '../io/result-tables.ts';
import type { Picture, Run } from '../live/run.ts';
import { agreementOf } from '../stdp/agreement.ts';
import type { Agreement } from '../stdp/results.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { FigureElement } from './figure-element.ts';

/** What the event `stdp-agreement` tells. */
export interface AgreementDetail {
  readonly spec: ExperimentSpec;
  readonly agreement: Agreement;
}

/**
 * `<stdp-agreement>`: whether pairs of spikes ask for what the rate rule asks for, binned (Fig. 2 right). Attributes as of
 * `<stdp-curve>`. Events: `stdp-agreement` with an {@link AgreementDetail} when all trials are in, `stdp-error`,
 * `stdp-runtime`.
 *
 * @example
 * <stdp-agreement scheme="all-to-all" trials="200"></stdp-agreement>
 */
export class StdpAgreement extends FigureElement {
  #agreement: Agreement | undefined;
  #asked = '';
  #figures: typeof import('../figures/agreement.ts') | undefined;

  constructor() {
    super();
    this.place.classList.add('agreement');
    this.place.setAttribute('aria-label', 'Agreement of the rate rule with pairs of spikes');
  }

  /** The latest agreement. */
  get agreement(): Agreement | undefined {
    return this.#agreement;
  }

  protected readonly events = {
    onStart: () => {
      this.outdated = true;
    },
    onPicture: (run: Run, picture: Picture) => {
      const { spec } = run.plan;
      const agreement = agreementOf(picture.tallies, run.plan);
      this.#agreement = agreement;
      const drawn = this.draw();
      const { binned, raw } = agreement.correlation;
      const text =
        `Correlation of the rules ${valueText(binned)} over bins, ${valueText(raw)} over cells; ` +
        `${numberText(picture.tallies.region.sequences, 9)} sequences × ${numberText(picture.tallies.trials, 9)} trials.`;
      this.status = text;
      if (!picture.finished) return;
      void drawn.then(() => {
        if (run.superseded) return;
        this.say(text);
        this.tell('stdp-agreement', { spec, agreement } satisfies AgreementDetail);
      });
    },
  };

  protected attributesChanged(spec: ExperimentSpec): void {
    const asked = JSON.stringify([spec, this.fullSize]);
    if (asked !== this.#asked || !this.#agreement) this.laboratory?.request(spec);
    else void this.draw();
    this.#asked = asked;
  }

  protected async load(): Promise<void> {
    this.#figures = await import('../figures/agreement.ts');
  }

  protected figure(options: FigureOptions): SVGSVGElement | undefined {
    return this.#agreement && this.#figures?.agreementFigure(this.#agreement, options);
  }

  protected columns(): readonly Column[] | undefined {
    return this.#agreement && agreementColumns(this.#agreement);
  }
}

function valueText(correlation: number | null): string {
  return correlation === null ? 'undefined' : correlation.toFixed(3).replace('-', '−');
}
