import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrequencyCurve, MeasuredFrequencyPoint } from '../../figures/frequency.ts';
import type { Column } from '../../io/csv.ts';
import { powerOfTwo } from '../../numeric/elementary.ts';
import type { TripletScheme } from '../../stdp/pairing-schemes.ts';
import { parseSpec } from '../../stdp/parse-spec.ts';
import { planExperiment } from '../../stdp/plan.ts';
import type { ExperimentSpec } from '../../stdp/spec.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { writeFigure, writeTables } from '../write-trials.ts';
import type { Claim } from './claims.ts';

const SCHEMES: readonly TripletScheme[] = ['triplet', 'triplet-nearest'];
/** Frequencies whose periods are whole steps of 2.5 ms. */
const FREQUENCIES = [1, 2, 5, 8, 10, 16, 20, 25, 40, 50];
const DELAYS = [10, -10];
const PAIRS = 60;
/** Then a window of 64 steps is 160 ms: r1 and o1 have less than a hundredth left. */
const MS_PER_STEP = 2.5;
/** Steps before the first spike. */
const LEAD = 20;

/**
 * Pairs of spikes in slices of visual cortex (Sjöström, Turrigiano & Nelson 2001): relative change of the response with its
 * standard error, as in Table 1 of Pfister & Gerstner (2006).
 */
const MEASURED: readonly MeasuredFrequencyPoint[] = [
  { hertz: 0.1, dt: 10, change: -0.04, se: 0.05 },
  { hertz: 10, dt: 10, change: 0.14, se: 0.1 },
  { hertz: 20, dt: 10, change: 0.29, se: 0.14 },
  { hertz: 40, dt: 10, change: 0.53, se: 0.11 },
  { hertz: 50, dt: 10, change: 0.56, se: 0.26 },
  { hertz: 0.1, dt: -10, change: -0.29, se: 0.08 },
  { hertz: 10, dt: -10, change: -0.41, se: 0.11 },
  { hertz: 20, dt: -10, change: -0.34, se: 0.1 },
  { hertz: 40, dt: -10, change: 0.56, se: 0.32 },
  { hertz: 50, dt: -10, change: 0.75, se: 0.19 },
];
/** Standard errors. */
const LARGEST_DEVIATION = 2;

const protocols = DELAYS.flatMap((dt) => FREQUENCIES.map((hertz) => ({ hertz, dt })));

/** Folder of a reproduction that {@link writeTriplets} fills. */
export const TRIPLETS_FOLDER = 'triplets';

/** Pairs of spikes at each frequency and in both orders, as recorded spikes, one sequence a protocol. */
export function tripletSpecs(): readonly ExperimentSpec[] {
  const period = (hertz: number) => 1000 / hertz / MS_PER_STEP;
  const pre = protocols.map(({ hertz }) => [Array.from({ length: PAIRS }, (_, k) => LEAD + k * period(hertz))]);
  const post = pre.map(([times], n) => [times!.map((t) => t + protocols[n]!.dt / MS_PER_STEP)]);
  const steps = 2 * LEAD + PAIRS * period(FREQUENCIES[0]!);
  return SCHEMES.map((scheme) =>
    parseSpec({
      ...{ sequences: protocols.length, trials: 1, steps, msPerStep: MS_PER_STEP, spikes: { pre, post } },
      pairing: { scheme, window: 64, edges: 'truncate' },
    }),
  );
}

/** What the triplet schemes make of the protocols; `undefined` where the signal came first. */
export async function runTriplets(
  runtime: Runtime,
  specs: readonly ExperimentSpec[],
  options: { readonly chunk?: number; readonly signal: AbortSignal },
): Promise<readonly FrequencyCurve[] | undefined> {
  const curves: FrequencyCurve[] = [];
  for (const spec of specs) {
    if (options.signal.aborted) return undefined;
    const plan = planExperiment(spec);
    const { tallies, interrupted } = await runtime.simulate(plan, options);
    if (interrupted) return undefined;
    const unit = powerOfTwo(-plan.kernelFractionBits);
    const points = protocols.map((protocol, n) => {
      const cells = tallies.cellPairs.subarray(n * plan.pairedSteps, (n + 1) * plan.pairedSteps);
      return { ...protocol, change: Number(cells.reduce((sum, change) => sum + change, 0n)) * unit };
    });
    curves.push({ name: spec.pairing.scheme, points });
  }
  return curves;
}

/** Writes the table and the figure. @returns the figure as SVG text */
export async function writeTriplets(folder: string, curves: readonly FrequencyCurve[]): Promise<string> {
  const { repeatedPairsFigure } = await import('../figure-files.ts');
  const here = join(folder, TRIPLETS_FOLDER);
  await mkdir(here);
  const figure = repeatedPairsFigure(curves, MEASURED);
  await writeTables(here, 'csv', { frequency: frequencyColumns(curves) });
  await writeFigure(here, 'frequency', figure);
  return figure;
}

function frequencyColumns(curves: readonly FrequencyCurve[]): Column[] {
  const rows = curves.flatMap(({ name, points }) => points.map((point) => ({ name, point, seen: measuredAt(point) })));
  return [
    { name: 'scheme', values: rows.map(({ name }) => name) },
    { name: 'frequency_hz', values: rows.map(({ point }) => point.hertz) },
    { name: 'dt_ms', values: rows.map(({ point }) => point.dt) },
    { name: 'change', values: rows.map(({ point }) => point.change) },
    { name: 'measured', values: rows.map(({ seen }) => seen?.change ?? null) },
    { name: 'measured_se', values: rows.map(({ seen }) => seen?.se ?? null) },
  ];
}

const measuredAt = (point: { readonly hertz: number; readonly dt: number }) =>
  MEASURED.find(({ hertz, dt }) => hertz === point.hertz && dt === point.dt);

/** That triplets give the frequency dependence that pairs cannot give. */
export function claimFrequency({ name, points }: FrequencyCurve): Claim {
  const deviations = points.flatMap((point) => {
    const seen = measuredAt(point);
    return seen ? [(point.change - seen.change) / seen.se] : [];
  });
  const worst = deviations.reduce((most, z) => (Math.abs(z) > Math.abs(most) ? z : most), 0);
  const reversed = points.filter(({ dt, hertz }) => dt < 0 && measuredAt({ dt, hertz }));
  const turns = reversed.every(({ hertz, change }) => change > 0 === hertz >= 40);
  const changes = reversed.map(({ hertz, change }) => `${change.toFixed(2)} at ${hertz} Hz`).join(', ');
  return {
    statement: `${name}, visual cortex: post before pre depresses at low frequencies and potentiates at 40 Hz and above, and all changes are within ${LARGEST_DEVIATION} standard errors of those measured.`,
    source: 'Pfister & Gerstner 2006, on data of Sjöström et al. 2001',
    found: `post before pre ${changes}; largest deviation ${worst.toFixed(2)} standard errors`,
    holds: turns && Math.abs(worst) < LARGEST_DEVIATION,
  };
}
