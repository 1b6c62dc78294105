import { DOMParser, parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { agreementFigure, describeCurve, spikeTimingFigure, svgText, traceFigure } from '../src/figures/index.ts';
import { biPoo2001, fitScale } from '../src/stdp/biology.ts';
import { exponentialWindow } from '../src/stdp/kernel.ts';
import type { Agreement, Curve, CurvePoint, ExpectedCurve, Trace } from '../src/stdp/results.ts';

const { document } = parseHTML('<!doctype html><html></html>');
const WINDOW = 20;
const kernel = { type: 'exponential', aPlus: 1, tauPlus: 16.8, aMinus: 1, tauMinus: 16.8 } as const;

/** An exponential curve with deterministic noise; distances in `absent` have no pairs, and 0 never has. */
function syntheticCurve(absent: readonly number[] = []): Curve {
  const points = Array.from({ length: 2 * WINDOW + 1 }, (_, index): CurvePoint => {
    const dt = index - WINDOW;
    if (dt === 0 || absent.includes(dt)) return emptyPoint(dt);
    const dw = 0.008 * exponentialWindow(kernel, dt) + 0.0002 * Math.sin(7 * dt);
    return {
      ...{ dt, pairs: 100, dwRate: dw, dwRateSe: 2e-4, dwSpike: 2 * dw, dwSpikeSe: 4e-4 },
      ...{ dwPair: exponentialWindow(kernel, dt), dwPairSe: 0, dwPairPerSpike: dw, dwPairPerSpikeSe: 1e-4 },
    };
  });
  return { points, presynapticSpikes: 5000, pairs: points.reduce((sum, { pairs }) => sum + pairs, 0) };
}

function emptyPoint(dt: number): CurvePoint {
  return {
    ...{ dt, pairs: 0, dwRate: null, dwRateSe: null, dwSpike: null, dwSpikeSe: null },
    ...{ dwPair: null, dwPairSe: null, dwPairPerSpike: null, dwPairPerSpikeSe: null },
  };
}

const everywhere = Array.from({ length: 2 * WINDOW + 1 }, (_, index) => index - WINDOW);
const expected: ExpectedCurve = {
  pairs: Float64Array.from(everywhere, (dt) => (dt === 0 ? 0 : 100)),
  dwRate: Float64Array.from(everywhere, (dt) => 0.008 * exponentialWindow(kernel, dt)),
  dwPairSums: Float64Array.from(everywhere, (dt) => 100 * exponentialWindow(kernel, dt)),
};
const agreement: Agreement = {
  bins: Array.from({ length: 25 }, (_, bin) => {
    const dwRate = (bin - 12) / 1000;
    return { bin, cells: 40, dwRate, dwPair: 0.03 * dwRate, dwPairSe: 1e-5 };
  }),
  fit: { slope: 0.03, intercept: 0 },
  correlation: { raw: -0.0649, binned: 0.9951 },
};
const trace: Trace = {
  sequence: 3,
  trial: 1,
  preSpikes: Uint8Array.of(0, 1, 0, 1, 0),
  postSpikes: Uint8Array.of(0, 0, 1, 0, 0),
  sPre: Float64Array.of(0.1, 0.2, 0.3, 0.2, 0.1, 0),
  sPost: Float64Array.of(0, 0.1, 0.3, 0.2, 0.4, 0.5),
  weight: Float64Array.of(0, 0.2, 0.2, 0.4, 0.4),
};

const texts = (figure: Element) => Array.from(figure.querySelectorAll('text'), (text) => text.textContent ?? '');
const circles = (figure: Element) => figure.querySelectorAll('.points circle');
/** Number of separate strokes in the lines of a role; legend swatches apart. */
const strokes = (figure: Element, selector: string) =>
  Array.from(figure.querySelectorAll(`${selector} path`), (path) => path.getAttribute('d') ?? '').flatMap((d) =>
    d.split(/(?=M)/),
  ).length;

describe('the spike-timing figure', () => {
  const rate = { document, rule: 'rate', msPerStep: 2 } as const;

  it('names both axes with units, and counts time in milliseconds', () => {
    const shown = texts(spikeTimingFigure(syntheticCurve(), rate));
    expect(shown).toContain('spike timing difference, post − pre (ms)');
    expect(shown).toContain('mean ΔW, Eq. 1 (×10⁻³)');
    expect(shown).toEqual(expect.arrayContaining(['−40', '40']));
    expect(texts(spikeTimingFigure(syntheticCurve(), { ...rate, rule: 'spike' })).join()).toContain('mean ΔW, Eq. 2');
    expect(texts(spikeTimingFigure(syntheticCurve(), { ...rate, rule: 'pair' })).join()).toContain(
      'per presynaptic spike',
    );
  });

  it('draws a point for each distance with pairs, and for no other', () => {
    expect(circles(spikeTimingFigure(syntheticCurve(), rate))).toHaveLength(40);
    expect(circles(spikeTimingFigure(syntheticCurve([-3, 7, 8]), rate))).toHaveLength(37);
    expect(circles(spikeTimingFigure(syntheticCurve(), { ...rate, window: 5 }))).toHaveLength(10);
  });

  it('joins nothing across d = 0: band, closed form and biology have one stroke a side', () => {
    const figure = spikeTimingFigure(syntheticCurve(), { ...rate, expected, biology: true });
    for (const selector of ['.error-band', 'g.expected', 'g.biology']) expect(strokes(figure, selector)).toBe(2);
    expect(texts(figure)).toEqual(expect.arrayContaining(['± 2 se', 'closed form', 'Bi & Poo 2001 fit (scaled)']));
  });

  it('lays the closed form of the pair rule, pairs × kernel per presynaptic spike, through points that equal it', () => {
    const curve = syntheticCurve();
    const exact: Curve = {
      ...curve,
      points: curve.points.map((point) =>
        point.dt === 0 ? point : { ...point, dwPairPerSpike: (100 * exponentialWindow(kernel, point.dt)) / 5000 },
      ),
    };
    const figure = spikeTimingFigure(exact, { ...rate, rule: 'pair', expected });
    const line = Array.from(figure.querySelectorAll('g.expected path'), (path) => path.getAttribute('d') ?? '')
      .flatMap((d) => d.split(/[ML]/).slice(1))
      .map((pair) => pair.split(',').map(Number));
    const dots = Array.from(circles(figure), (circle) => ['cx', 'cy'].map((name) => Number(circle.getAttribute(name))));
    expect(line).toHaveLength(40);
    for (const [index, position] of line.entries()) {
      expect(position[0]).toBeCloseTo(dots[index]?.[0] ?? Number.NaN, 1);
      expect(position[1]).toBeCloseTo(dots[index]?.[1] ?? Number.NaN, 1);
    }
  });

  it('says "no pairs" where there are none', () => {
    for (const curve of [syntheticCurve(everywhere), { points: [], presynapticSpikes: 0, pairs: 0 }]) {
      for (const rule of ['rate', 'pair', 'spike'] as const) {
        const figure = spikeTimingFigure(curve, { ...rate, rule, expected, biology: true });
        expect(texts(figure)).toContain('no pairs');
        expect(svgText(figure)).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it('leaves the band away where a single sequence gives no standard error, and keeps the points', () => {
    const curve = syntheticCurve();
    const single = { ...curve, points: curve.points.map((point) => ({ ...point, dwRateSe: null })) };
    const figure = spikeTimingFigure(single, rate);
    expect(circles(figure)).toHaveLength(40);
    expect(strokes(figure, '.error-band')).toBe(0);
    expect(texts(figure)).not.toContain('± 2 se');
  });

  it('breaks the band where a distance has no pairs', () => {
    expect(strokes(spikeTimingFigure(syntheticCurve([-3, 7]), rate), '.error-band')).toBe(4);
  });
});

describe('the agreement figure', () => {
  it('shows 25 bins with error bars, the fit and both correlations', () => {
    const figure = agreementFigure(agreement, { document });
    expect(circles(figure)).toHaveLength(25);
    expect(figure.querySelectorAll('.error-bars line')).toHaveLength(25);
    expect(strokes(figure, 'g.expected')).toBe(1);
    expect(texts(figure).join()).toContain('correlation 0.995 binned, −0.065 raw, slope 0.03');
    expect(texts(figure)).toEqual(expect.arrayContaining(['ΔW, rate rule, Eq. 1 (×10⁻³)', 'ΔW, pair rule (×10⁻³)']));
  });

  it('draws what there is where nothing varies, and where there is nothing', () => {
    const undecided = { fit: null, correlation: { raw: null, binned: null } };
    expect(circles(agreementFigure({ ...agreement, ...undecided }, { document }))).toHaveLength(25);
    const empty = agreementFigure({ bins: [], ...undecided }, { document });
    expect(texts(empty)).toContain('no cells');
    expect(svgText(empty)).not.toMatch(/NaN|Infinity/);
  });
});

describe('the trace figure', () => {
  it('stacks both spike trains and the weight over one time axis in milliseconds', () => {
    const figure = traceFigure(trace, { document, msPerStep: 2 });
    expect(figure.querySelectorAll('.post.spikes line')).toHaveLength(1);
    // Once as ticks in their own panel, once as the places where the weight can change.
    expect(figure.querySelectorAll('.pre.spikes line')).toHaveLength(4);
    expect(texts(figure).filter((text) => text === 'time (ms)')).toHaveLength(1);
    expect(figure.querySelector('desc')?.textContent).toContain('10 ms');
  });

  it('stands a trial without spikes', () => {
    const silent = {
      ...trace,
      preSpikes: new Uint8Array(5),
      postSpikes: new Uint8Array(5),
      weight: new Float64Array(5),
    };
    expect(svgText(traceFigure(silent, { document, msPerStep: 1 }))).not.toMatch(/NaN|Infinity/);
  });
});

describe('every figure', () => {
  const figures = (options: { theme?: 'light' | 'dark' | 'auto'; width?: number; title?: string }) => [
    spikeTimingFigure(syntheticCurve([4]), {
      ...{ document, rule: 'rate', msPerStep: 1, expected, biology: true, ...options },
    }),
    agreementFigure(agreement, { document, ...options }),
    traceFigure(trace, { document, msPerStep: 1, ...options }),
  ];

  it('is a well-formed file of its own, with title and description, that refers to nothing outside', () => {
    for (const figure of figures({ title: 'Pairs & <rules>' })) {
      const text = svgText(figure);
      const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg /);
      expect(root.getAttribute('xmlns')).toBe('http://www.w3.org/2000/svg');
      expect(text).toContain('<title>Pairs &amp; &lt;rules&gt;</title>');
      expect(root.querySelector('desc')?.textContent?.length).toBeGreaterThan(40);
      expect(root.querySelectorAll('*').length).toBe(figure.querySelectorAll('*').length + 1);
      expect(text).not.toMatch(/NaN|Infinity|undefined|href|url\(|@import/);
    }
  });

  it('follows the reader between light and dark, or stays with the one that is asked for', () => {
    for (const figure of figures({})) expect(svgText(figure)).toContain('prefers-color-scheme: dark');
    const [light, dark] = (['light', 'dark'] as const).map((theme) => svgText(figures({ theme })[0] as SVGSVGElement));
    expect(light).toContain('#ffffff');
    expect(dark).not.toContain('#ffffff');
    expect(`${light}${dark}`).not.toContain('prefers-color-scheme');
  });

  it('has the width that is asked for, and type of 9 px or more', () => {
    for (const figure of figures({ width: 360 })) {
      expect(figure.getAttribute('width')).toBe('360');
      const sizes = Array.from(figure.querySelectorAll('[font-size]'), (node) =>
        Number(node.getAttribute('font-size')),
      );
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(9);
    }
  });

  it('gives the same bytes again', () => {
    expect(figures({}).map(svgText)).toEqual(figures({}).map(svgText));
  });
});

describe('the biological fit', () => {
  it('has the published amplitudes and time constants', () => {
    expect(exponentialWindow(biPoo2001, 16.8)).toBeCloseTo(0.777 / Math.E, 12);
    expect(exponentialWindow(biPoo2001, -33.7)).toBeCloseTo(-0.273 / Math.E, 12);
    expect(exponentialWindow(biPoo2001, 0)).toBe(0);
  });

  it('is laid over a curve by the least-squares factor', () => {
    const shape = everywhere.map((dt) => exponentialWindow(biPoo2001, dt));
    expect(
      fitScale(
        shape.map((value) => 0.0125 * value),
        shape,
      ),
    ).toBeCloseTo(0.0125, 12);
    // The residual of a least-squares fit is orthogonal to the shape.
    const observed = shape.map((value, index) => 3 * value + Math.sin(5 * index));
    const scale = fitScale(observed, shape) ?? Number.NaN;
    const residual = shape.reduce((sum, value, index) => sum + value * ((observed[index] ?? 0) - scale * value), 0);
    expect(residual).toBeCloseTo(0, 10);
    expect(fitScale([], [])).toBeNull();
    expect(fitScale([1, 2], [0, 0])).toBeNull();
  });
});

describe('the description of a curve', () => {
  it('tells peaks and signs', () => {
    expect(describeCurve(syntheticCurve(), 2)).toMatch(
      /over 4000 spike pairs: highest \+0\.0076\d at \+2 ms, lowest −0\.0076\d at −2 ms\. Positive at 20 of 20/,
    );
    expect(describeCurve(syntheticCurve(everywhere), 1)).toContain('no pairs');
  });
});
