import * as v from 'valibot';
import { EngineError } from '../errors.ts';
import { refusal, shapeError } from '../spec/refusal.ts';
import { isTriplet } from './pairing-schemes.ts';
import { checkSpikes, requireSizes } from './parse-spikes.ts';
import { loadedRules } from './rule/load-rules.ts';
import type { ExperimentSpec, KernelSpec, TripletKernel } from './spec.ts';
import { defaultKernel } from './spec-defaults.ts';
import { LARGEST_STATES, LARGEST_TRIAL_STEPS, specSchema, type UncheckedSpec } from './spec-schema.ts';
import { tripletKernel } from './triplet-sets.ts';

/** Most steps that an activity may take to forget its start. */
const LONGEST_BURN_IN = 1e6;

type UncheckedNeuron = UncheckedSpec['pre'];
type UncheckedTable = Extract<UncheckedNeuron['drive'], { type: 'table' }>;

/**
 * Checks a spec and fills in its defaults; `{}` is the paper's experiment.
 *
 * Objects given in part are merged deeply with the defaults; a `drive` or `rho` of another `type` takes that type's
 * own defaults. A table's `file` is not read here (see `readSpec`).
 *
 * @throws EngineError `invalid-spec` for the first thing that is not acceptable, with its path (`post.epsilon`), the
 * value there and what is allowed; the message is one line with all three.
 * @example parseSpec({ trials: 10, post: { drive: { type: 'steps', hold: 20 } } })
 */
export function parseSpec(input: unknown): ExperimentSpec {
  const result = v.safeParse(specSchema, input, { abortEarly: true });
  if (!result.success) throw shapeError(result.issues[0], 'spec');
  requireSizes(input);
  return checkRelations(result.output);
}

/**
 * Checks what relates the numbers of a spec to each other, and that tables have values.
 *
 * @throws EngineError `invalid-spec` as `parseSpec`.
 */
export function checkRelations(spec: UncheckedSpec): ExperimentSpec {
  checkSizes(spec);
  checkNeuron('pre', spec.pre, spec);
  checkNeuron('post', spec.post, spec);
  checkSpikes(spec);
  const checked = { ...spec, kernel: kernelOf(spec) } as ExperimentSpec;
  checkTableKernel(checked);
  if (checked.rule) loadedRules().planRule(checked.rule, checked);
  return checked;
}

/** Steps after which an activity with this leak has forgotten its start, up to e⁻¹⁷ ≈ 4·10⁻⁸ of it. */
export function burnInSteps(epsilon: number): number {
  return Math.ceil(17 / epsilon);
}

function checkSizes({ sequences, steps, trials, pairing }: UncheckedSpec): void {
  if (pairing.edges === 'interior' && steps <= 2 * pairing.window) {
    const bound = `an integer > 2 · pairing.window = ${2 * pairing.window}`;
    throw refusal('steps', steps, `${bound}, or a smaller pairing.window, or pairing.edges "truncate"`);
  }
  const mostSequences = Math.floor(LARGEST_STATES / (steps + 1));
  if (sequences > mostSequences) {
    const reason = `sequences · (steps + 1) is at most 2^26 and steps is ${steps}`;
    throw refusal('sequences', sequences, `an integer from 1 to ${mostSequences}: ${reason}`);
  }
  checkTrials('trials', trials, steps);
}

/** Refuses a number of trials that is too large for this number of steps. @param path where the number stands */
export function checkTrials(path: string, trials: number, steps: number): void {
  const mostTrials = Math.floor(LARGEST_TRIAL_STEPS / steps);
  if (trials <= mostTrials) return;
  const reason = `trials · steps is at most 2^32 - 1 and steps is ${steps}`;
  throw refusal(path, trials, `an integer from 1 to ${mostTrials}: ${reason}`);
}

function checkNeuron(name: 'pre' | 'post', { drive, epsilon }: UncheckedNeuron, spec: UncheckedSpec): void {
  if (drive.type === 'table') checkTable(`${name}.drive`, drive, spec);
  if (drive.type !== 'steps' && drive.type !== 'ramps') return;

  if (drive.low > drive.high) {
    throw refusal(`${name}.drive.low`, drive.low, `a number ≤ ${name}.drive.high = ${drive.high}`);
  }
  if (drive.type === 'ramps' && spec.steps < 2) {
    throw refusal('steps', spec.steps, `an integer ≥ 2: ${name}.drive of type "ramps" has at least 2 knots`);
  }
  if (drive.type === 'ramps' && drive.knots > spec.steps) {
    throw refusal(`${name}.drive.knots`, drive.knots, `an integer from 2 to steps = ${spec.steps}`);
  }
  if (burnInSteps(epsilon) > LONGEST_BURN_IN) {
    const reason = `with a drive of type "${drive.type}" each sequence first runs 17 / epsilon steps to forget its start`;
    throw refusal(`${name}.epsilon`, epsilon, `a number ≥ ${17 / LONGEST_BURN_IN} and ≤ 1: ${reason}`);
  }
}

function checkTable(path: string, { values, file }: UncheckedTable, { sequences, steps }: UncheckedSpec): void {
  if (file !== undefined && values !== undefined) {
    throw refusal(`${path}.file`, file, 'no file beside values: one of the two');
  }
  if (file !== undefined) {
    throw refusal(`${path}.file`, file, 'values: a file is only read for a spec that is itself read from a file');
  }
  if (values === undefined)
    throw refusal(`${path}.values`, values, `${sequences} rows (sequences) of ${steps + 1} numbers (steps + 1)`);

  if (values.length !== sequences) {
    throw lengthError(`${path}.values`, values, 'rows', `sequences = ${sequences}`);
  }
  const ragged = values.findIndex((row) => row.length !== steps + 1);
  if (ragged >= 0) {
    throw lengthError(`${path}.values[${ragged}]`, values[ragged] ?? [], 'numbers', `steps + 1 = ${steps + 1}`);
  }
}

/** The kernel with what its scheme gives it. */
function kernelOf({ kernel, pairing: { scheme } }: UncheckedSpec): KernelSpec {
  if (!isTriplet(scheme)) {
    if (kernel?.type !== 'triplet') return kernel ?? defaultKernel;
    throw refusal('kernel.type', kernel.type, `"exponential" or "table": pairing.scheme is "${scheme}"`);
  }
  if (kernel && kernel.type !== 'triplet') {
    throw refusal('kernel.type', kernel.type, `"triplet": pairing.scheme is "${scheme}"`);
  }
  const defaults = Object.entries(tripletKernel(scheme, kernel?.set, kernel?.model));
  const given: Partial<TripletKernel> = (kernel ?? {}) as Partial<TripletKernel>;
  return Object.fromEntries(
    defaults.map(([name, value]) => [name, given[name as keyof TripletKernel] ?? value]),
  ) as unknown as TripletKernel;
}

function checkTableKernel({ kernel, pairing }: ExperimentSpec): void {
  if (kernel.type !== 'table') return;
  const { window, coincidence } = pairing;
  const { values } = kernel;
  const length = 2 * window + 1;
  if (values.length !== length) {
    throw lengthError('kernel.values', values, 'numbers', `2 · pairing.window + 1 = ${length}`);
  }
  if (coincidence === 'skip' && values[window] !== 0) {
    const reason = 'pairing.coincidence is "skip", so there is no pair at d = 0';
    throw refusal(`kernel.values[${window}]`, values[window], `0: ${reason}`);
  }
}

function lengthError(path: string, value: readonly unknown[], items: string, expected: string): EngineError {
  const message = `${path}: ${value.length} ${items}; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path, value, expected: `${expected} ${items}` });
}
