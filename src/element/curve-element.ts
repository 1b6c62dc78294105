import { describeCurve, ruleValue } from '../figures/describe.ts';
import type { FigureOptions } from '../figures/figure-options.ts';
import { numberText, signedText } from '../figures/number-text.ts';
import type { Column } from '../io/csv.ts';
import { curveColumns } from '../io/result-tables.ts';
import { closedFormOf, forTrials } from '../live/closed-form.ts';
import { parameterGroups } from '../live/parameters.ts';
import type { Picture, Run } from '../live/run.ts';
import { Slider } from '../live/slider.ts';
import type { Curve, CurvePoint, ExpectedCurve } from '../stdp/results.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { ofBothNeurons } from './attributes.ts';
import { FigureElement } from './figure-element.ts';

const rules = ['rate', 'spike', 'pair', 'user'] as const;
type Rule = (typeof rules)[number];

/** What the events `stdp-curve` and `stdp-done` tell. */
export interface CurveDetail {
  readonly spec: ExperimentSpec;
  readonly curve: Curve;
  /** Trials and sequences that are in the curve. */
  readonly trials: number;
  readonly sequences: number;
  readonly finished: boolean;
}

/**
 * `<stdp-curve>`: a live spike-timing curve. Attributes are those of the experiment (`seed`, `sequences`, `steps`,
 * `trials`, `window`, `scheme`; `epsilon`, `sd`, `mean`, `peak` of both neurons; any path of a spec such as
 * `post.epsilon`; `spec` as JSON) and of what is shown: `rule` (`rate`, `spike`, `pair` or `user`), `biology`,
 * `closed-form`, `controls` for sliders, `theme` (`light`, `dark`), `runtime` (`gpu`, `cpu`), `full-size`.
 *
 * Events, which bubble: `stdp-curve` with each picture and `stdp-done` with the last, {@link CurveDetail}; `stdp-error`
 * with the error; `stdp-runtime`. With the focus on it, the arrow keys read its points.
 *
 * @example
 * <stdp-curve trials="200" post.epsilon="0.1" biology controls></stdp-curve>
 */
export class StdpCurve extends FigureElement {
  #run: Run | undefined;
  #picture: Picture | undefined;
  #expected: { readonly of: Run; readonly curve: ExpectedCurve } | undefined;
  #sliders: readonly Slider[] = [];
  #asked = '';
  /** Distance of the point that is being read. */
  #read: number | undefined;
  #figures: typeof import('../figures/spike-timing.ts') | undefined;

  constructor() {
    super();
    this.place.classList.add('curve');
    this.place.setAttribute('aria-label', 'Spike-timing curve; arrow keys read its points');
    this.place.addEventListener('keydown', (event) => this.#readPoint(event));
  }

  /** The latest curve. */
  get curve(): Curve | undefined {
    return this.#picture?.curve;
  }

  protected readonly events = {
    onStart: (run: Run) => {
      this.#run = run;
      this.#picture = undefined;
      this.outdated = true;
    },
    onPicture: (run: Run, picture: Picture) => {
      this.#picture = picture;
      const drawn = this.draw();
      const { spec } = run.plan;
      const { region, trials } = picture.tallies;
      const detail: CurveDetail = {
        ...{ spec, curve: picture.curve, finished: picture.finished },
        ...{ trials, sequences: region.sequences },
      };
      this.tell('stdp-curve', detail);
      this.status =
        `${numberText(region.sequences, 9)} sequences × ${numberText(spec.steps, 9)} steps × ` +
        `${numberText(trials, 9)} trials; ${numberText(picture.curve.pairs, 21)} pairs.`;
      if (picture.finished) void drawn.then(() => this.#finish(run, detail));
    },
  };

  #finish(run: Run, detail: CurveDetail): void {
    if (run.superseded || run !== this.#run) return;
    this.say(describeCurve(detail.curve, detail.spec.msPerStep, this.#rule));
    this.tell('stdp-done', detail);
    if (this.hasAttribute('closed-form')) void this.#addClosedForm(run);
  }

  protected attributesChanged(spec: ExperimentSpec): void {
    this.#showSliders(spec);
    const asked = JSON.stringify([spec, this.fullSize]);
    if (asked !== this.#asked || !this.#picture) {
      this.#asked = asked;
      this.laboratory?.request(spec);
      return;
    }
    void this.draw();
    if (this.hasAttribute('closed-form') && this.#picture.finished && this.#run) void this.#addClosedForm(this.#run);
  }

  protected async load(): Promise<void> {
    this.#figures = await import('../figures/spike-timing.ts');
  }

  protected figure(options: FigureOptions): SVGSVGElement | undefined {
    const [run, picture] = [this.#run, this.#picture];
    if (!run || !picture) return undefined;
    const { spec } = run.plan;
    const expected = this.hasAttribute('closed-form') && this.#expected?.of === run ? this.#expected.curve : undefined;
    return this.#figures?.spikeTimingFigure(picture.curve, {
      ...options,
      rule: this.#rule,
      msPerStep: spec.msPerStep,
      window: spec.pairing.window,
      biology: this.hasAttribute('biology'),
      ...(expected && { expected: forTrials(expected, picture.tallies.trials) }),
    });
  }

  protected columns(): readonly Column[] | undefined {
    return this.#picture && curveColumns(this.#picture.curve);
  }

  protected override show(figure: SVGSVGElement): void {
    super.show(figure);
    this.#markReadPoint();
  }

  get #rule(): Rule {
    return rules.find((name) => name === this.getAttribute('rule')) ?? 'rate';
  }

  async #addClosedForm(run: Run): Promise<void> {
    if (this.#expected?.of === run) return;
    try {
      const curve = await closedFormOf(await run.rates(), run.plan);
      if (run !== this.#run) return;
      this.#expected = { of: run, curve };
      void this.draw();
    } catch (error) {
      if (run === this.#run && !run.stopped) this.refuse(error);
    }
  }

  #showSliders(spec: ExperimentSpec): void {
    this.controls.hidden = !this.hasAttribute('controls');
    if (this.controls.hidden) return;
    if (this.#sliders.length === 0) {
      this.#sliders = (parameterGroups.sliders ?? []).map((parameter) => {
        const slider = new Slider(parameter, (value) => this.#set(parameter.id, value));
        this.controls.append(slider.row);
        return slider;
      });
    }
    for (const slider of this.#sliders) slider.show(spec);
  }

  /** A slider sets its attribute, and no other attribute says otherwise. */
  #set(name: string, value: number): void {
    if (name in ofBothNeurons) {
      const path = ofBothNeurons[name as keyof typeof ofBothNeurons];
      for (const neuron of ['pre', 'post']) this.removeAttribute(`${neuron}.${path}`);
    }
    this.setAttribute(name, String(value));
  }

  #readPoint(event: KeyboardEvent): void {
    const points = this.#readable();
    if (points.length === 0) return;
    const at = points.findIndex(({ dt }) => dt === this.#read);
    const next = nextPoint(event.key, at, points.length);
    if (next === undefined) return;
    event.preventDefault();
    const point = points[next]!;
    this.#read = point.dt;
    this.#markReadPoint();
    const { dw, se } = ruleValue(point, this.#rule)!;
    const ms = point.dt * (this.#run?.plan.spec.msPerStep ?? 1);
    const error = Number.isFinite(se) ? ` ± ${numberText(se)}` : '';
    const text = `${signedText(ms)} ms: ΔW ${signedText(dw)}${error}, ${numberText(point.pairs, 21)} pairs.`;
    this.status = text;
    this.say(text);
  }

  #readable(): readonly CurvePoint[] {
    return (this.#picture?.curve.points ?? []).filter((point) => ruleValue(point, this.#rule) !== null);
  }

  #markReadPoint(): void {
    const dots = this.place.querySelectorAll('.points circle');
    const at = this.#readable().findIndex(({ dt }) => dt === this.#read);
    for (const [index, dot] of dots.entries()) dot.setAttribute('r', index === at ? '6' : '2.5');
  }
}

/** Where a key leads from point `at`, or from none (−1); `undefined` for keys that read nothing. */
function nextPoint(key: string, at: number, points: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return at < 0 ? Math.floor(points / 2) : Math.min(points - 1, at + 1);
    case 'ArrowLeft':
      return at < 0 ? Math.floor(points / 2) - 1 : Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return points - 1;
    default:
      return undefined;
  }
}
