import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoopGridPoint } from '../../figures/closed-loop.ts';
import type { Column } from '../../io/csv.ts';
import { planLoop } from '../../stdp/closed-loop/loop-plan.ts';
import { type LoopPoint, loopResult } from '../../stdp/closed-loop/loop-results.ts';
import type { LoopSpec } from '../../stdp/closed-loop/loop-spec.ts';
import { parseLoopSpec } from '../../stdp/closed-loop/parse-loop.ts';
import { parseThresholdSpec } from '../../stdp/threshold/parse-threshold.ts';
import { planThreshold, type ThresholdPlan } from '../../stdp/threshold/threshold-plan.ts';
import { thresholdResult } from '../../stdp/threshold/threshold-results.ts';
import type { ThresholdSpec } from '../../stdp/threshold/threshold-spec.ts';
import type { ThresholdSums } from '../../stdp/threshold/threshold-twin.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { closedFormChance, writeFigure, writeTables, writeThreshold } from '../write-trials.ts';
import type { Claim } from './claims.ts';

/** Learning rates, leaks (of both neurons) and initial weights of the grid. */
const GRID = { etas: [0.01, 0.1, 1], epsilons: [0.03, 0.06, 0.2], weights: [0, 0.5, 1] } as const;
/** A difference of so many standard errors is told from 0; over a grid of 27 chance gives one in 14 times. */
const CLEAR = 3;
/** The mean square of a leaky integrator's change without a synapse is known; this is what its sample may be off. */
const PLAIN_TOLERANCE = 0.02;
const SMALLEST_CHANCE = 1e-3;

/** What is computed beside the experiments: closed loops (S4) and threshold crossings (S5). */
export interface LearningSpecs {
  readonly loops: readonly LoopSpec[];
  readonly threshold: ThresholdSpec;
}

/** One closed loop, run. */
interface LoopRow {
  readonly spec: LoopSpec;
  readonly total: LoopPoint;
}

export interface LearningResults {
  readonly rows: readonly LoopRow[];
  readonly crossing: { readonly plan: ThresholdPlan; readonly sums: ThresholdSums };
}

/** The grid under Eq. 1, one loop each without learning, with spikes and with pairs, and the threshold crossings. */
export function learningSpecs(seed: number | undefined): LearningSpecs {
  const seeded = (input: object) => (seed === undefined ? input : { ...input, seed });
  const size = { trials: 512, steps: 400, record: { every: 40 } };
  const bounds = { low: -4, high: 4 };
  const loop = (epsilon: number, values: object) =>
    parseLoopSpec(seeded({ ...size, pre: { epsilon }, post: { epsilon }, loop: { bounds, ...values } }));
  const grid = GRID.epsilons.flatMap((epsilon) =>
    GRID.weights.flatMap((initialWeight) => GRID.etas.map((eta) => loop(epsilon, { eta, initialWeight }))),
  );
  const others = [{ eta: 0 }, { input: 'spike', rule: 'spike', eta: 0.1 }, { rule: 'pair', eta: 0.1 }];
  return {
    loops: [...grid, ...others.map((values) => loop(0.06, values))],
    threshold: parseThresholdSpec(seeded({})),
  };
}

/** Runs all of it; `undefined` where the signal came first. */
export async function runLearning(
  runtime: Runtime,
  { loops, threshold }: LearningSpecs,
  options: { readonly chunk?: number; readonly signal: AbortSignal },
): Promise<LearningResults | undefined> {
  const rows: LoopRow[] = [];
  for (const spec of loops) {
    if (options.signal.aborted) return undefined;
    const plan = planLoop(spec);
    const { sums, interrupted } = await runtime.runLoop(plan, options);
    if (interrupted) return undefined;
    rows.push({ spec, total: loopResult(plan, sums).total });
  }
  if (options.signal.aborted) return undefined;
  const plan = planThreshold(threshold);
  const { sums, interrupted } = await runtime.runThreshold(plan, options);
  return interrupted ? undefined : { rows, crossing: { plan, sums } };
}

/** Names of the folders of a reproduction that {@link writeLearning} fills. */
export const learningFolders = ['closed-loop', 'threshold'] as const;

/** Writes the tables and figures. @returns the figures as SVG texts, by their path in the reproduction */
export async function writeLearning(
  folder: string,
  { rows, crossing: { plan, sums } }: LearningResults,
): Promise<Record<string, string>> {
  const { gridFigure, crossingFigure } = await import('../figure-files.ts');
  const [loopFolder, thresholdFolder] = learningFolders.map((name) => join(folder, name)) as [string, string];
  await mkdir(loopFolder);
  await mkdir(thresholdFolder);
  const grid = gridFigure(gridPoints(rows));
  await writeTables(loopFolder, 'csv', { grid: gridColumns(rows) });
  await writeFigure(loopFolder, 'effect-of-learning', grid);
  await writeThreshold(thresholdFolder, plan, sums, 'csv');
  return {
    'closed-loop/figures/effect-of-learning.svg': grid,
    'threshold/figures/fig1-threshold-crossing.svg': crossingFigure(thresholdResult(plan, sums), plan.spec.msPerStep),
  };
}

/** In standard errors; 0 without a difference. */
const zOf = ({ difference, se }: LoopPoint) => (se ? difference / se : 0);
const isGrid = ({ spec: { loop } }: LoopRow) => loop.rule === 'rate' && loop.eta > 0;
const weightOf = ({ loop: { initialWeight } }: LoopSpec) => initialWeight as number;

function gridPoints(rows: readonly LoopRow[]): LoopGridPoint[] {
  return rows.filter(isGrid).map(({ spec, total }) => ({
    epsilon: spec.post.epsilon,
    eta: spec.loop.eta,
    initialWeight: weightOf(spec),
    change: total.difference / total.plain,
    se: (total.se ?? 0) / total.plain,
  }));
}

function gridColumns(rows: readonly LoopRow[]): Column[] {
  const column = (name: string, value: (row: LoopRow) => number | string | null): Column => ({
    name,
    values: rows.map(value),
  });
  return [
    column('input', ({ spec }) => spec.loop.input),
    column('rule', ({ spec }) => spec.loop.rule),
    column('epsilon', ({ spec }) => spec.post.epsilon),
    column('eta', ({ spec }) => spec.loop.eta),
    column('initial_weight', ({ spec }) => weightOf(spec)),
    column('e_ds2', ({ total }) => total.learned),
    column('e_ds2_plain', ({ total }) => total.plain),
    column('difference', ({ total }) => total.difference),
    column('se', ({ total }) => total.se),
    column('weight_mean', ({ total }) => total.weightMean),
    column('weight_sd', ({ total }) => total.weightSd),
  ];
}

/** What can be right or wrong about the loops and the crossings. */
export function learningClaims({ rows, crossing: { plan, sums } }: LearningResults): Claim[] {
  const still = rows.filter(({ spec }) => spec.loop.eta === 0);
  const alone = rows.filter((row) => isGrid(row) && weightOf(row.spec) === 0);
  const offs = alone.map(({ spec, total }) => total.plain / withoutSynapse(spec) - 1);
  const worst = offs.reduce((most, off) => Math.max(most, Math.abs(off)), 0);
  const { chiSquare, degrees, chance } = closedFormChance(thresholdResult(plan, sums));
  return [
    {
      statement: 'Without a learning rate both conditions of the closed loop are the same, to the last bit.',
      source: 'this project’s promise: common random numbers',
      found: still.map(({ total }) => `difference ${total.difference} ± ${total.se}`).join(', '),
      holds: still.length > 0 && still.every(({ total }) => total.difference === 0 && total.se === 0),
    },
    {
      statement: 'Without a weight the mean squared rate of change is that of leaky-integrated noise, 2ε²σ² / (2 − ε).',
      source: 'theory: autocorrelation of leaky-integrated noise',
      found: `at most ${(100 * worst).toFixed(2)} % off at ${alone.length} points`,
      holds: alone.length > 0 && worst < PLAIN_TOLERANCE,
    },
    {
      statement:
        'A voltage of constant slope that crosses its threshold makes ΔW fall off with |ΔT|, as the closed form says.',
      source: 'generative paper, Fig. 1',
      found: `mean ΔT of ${plan.slopes.length} slopes: χ² = ${chiSquare.toFixed(1)} for ${degrees} degrees of freedom`,
      holds: chance >= SMALLEST_CHANCE,
    },
  ];
}

/** E[ṡ²] of a neuron with a noise drive and no other input. */
function withoutSynapse({ post: { drive, epsilon } }: LoopSpec): number {
  const sd = drive.type === 'noise' ? drive.sd : Number.NaN;
  return (2 * epsilon * epsilon * sd * sd) / (2 - epsilon);
}

/** What learning was found to do to E[ṡ²], in plain words: the paper measures it and gives no number. */
export function learningFindings({ rows }: LearningResults): string {
  const grid = rows.filter(isGrid);
  const share = ({ total }: LoopRow) => (100 * total.difference) / total.plain;
  const percent = (row: LoopRow) => `${share(row) > 0 ? '+' : '−'}${Math.abs(share(row)).toPrecision(2)} %`;
  const error = ({ total }: LoopRow) => `${((100 * (total.se ?? 0)) / total.plain).toPrecision(1)} %`;
  const at = ({ spec }: LoopRow) => `ε = ${spec.post.epsilon}, η = ${spec.loop.eta}, W(0) = ${weightOf(spec)}`;
  const tell = (row: LoopRow) => `${percent(row)} ± ${error(row)} (${at(row)})`;
  const clear = grid.filter(({ total }) => Math.abs(zOf(total)) >= CLEAR);
  const lower = clear.filter(({ total }) => total.difference < 0);
  const higher = clear.filter(({ total }) => total.difference > 0);
  const extreme = (list: readonly LoopRow[]) =>
    list.reduce((best, row) => (Math.abs(share(row)) > Math.abs(share(best)) ? row : best));
  const side = (list: readonly LoopRow[], what: string) =>
    list.length === 0 ? `${what} at none` : `${what} at ${list.length} (most: ${tell(extreme(list))})`;
  const others = rows.filter(({ spec }) => spec.loop.rule !== 'rate');
  const rest = others.map((row) => `${row.spec.loop.input} input and ${row.spec.loop.rule} rule ${tell(row)}`);
  return (
    `The paper measures E[ṡ²] with weight changes and without, and gives no number. Under Eq. 1, of ${grid.length} points, ` +
    `learning is found to make it ${side(lower, 'smaller')}, ${side(higher, 'larger')}, and to change it by less than ` +
    `${CLEAR} standard errors at ${grid.length - clear.length}. With other rules: ${rest.join('; ')}.`
  );
}
