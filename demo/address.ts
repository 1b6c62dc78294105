import type { CurveRule as AnyRule } from '../src/figures/index.ts';
import { defaultSpec, EngineError, type ExperimentSpec, parseSpec } from '../src/index.ts';

/** The rules whose curves the page shows. */
export type CurveRule = Exclude<AnyRule, 'user'>;

/** What is shown of an experiment. */
export interface View {
  readonly rule: CurveRule;
  /** The biological fit over the curve. */
  readonly biology: boolean;
  readonly closedForm: boolean;
  /** The trial in the trace. */
  readonly sequence: number;
  readonly trial: number;
}

/** What the page's address says: an experiment, and how to look at it. */
export interface PageState {
  readonly spec: ExperimentSpec;
  readonly view: View;
}

export const defaultState: PageState = {
  spec: defaultSpec,
  view: { rule: 'rate', biology: true, closedForm: false, sequence: 0, trial: 0 },
};

const viewKeys = ['rule', 'fit', 'closed-form', 'trace'] as const;

/**
 * Reads `#seed=7&post.epsilon=0.1&rule=pair`: paths in the spec with their values, and `rule`, `fit`, `closed-form`,
 * `trace` (SEQUENCE:TRIAL) of the view. What is not there has its default.
 *
 * @throws EngineError with the path, the value and what is allowed.
 */
export function readState(hash: string): PageState {
  const entries = new URLSearchParams(hash.replace(/^#/, ''));
  const input: Branch = Object.create(null);
  for (const [path, text] of entries) {
    if (!viewKeys.some((key) => key === path)) setAtPath(input, path, parsedValue(text));
  }
  const spec = parseSpec(input);
  return { spec, view: readView(entries, spec) };
}

/** The hash that {@link readState} reads, with nothing in it that is as by default; empty if all is. */
export function hashOf({ spec, view }: PageState): string {
  const types = (neuron: 'pre' | 'post') => ({
    drive: spec[neuron].drive.type === 'table' ? {} : { type: spec[neuron].drive.type },
    rho: { type: spec[neuron].rho.type },
  });
  const base = parseSpec({ ...defaultSpec, pre: types('pre'), post: types('post') });
  const parts = differences('', spec, base);
  const { rule, biology, closedForm, sequence, trial } = view;
  if (rule !== 'rate') parts.push(['rule', rule]);
  if (!biology) parts.push(['fit', 'off']);
  if (closedForm) parts.push(['closed-form', 'on']);
  if (sequence > 0 || trial > 0) parts.push(['trace', `${sequence}:${trial}`]);
  const readable = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2C', ',');
  const text = parts.map(([key, value]) => `${readable(key)}=${readable(value)}`).join('&');
  // A drive or ρ of another type than the default's has its type named, for the defaults of that type to be taken.
  const typed = (['pre', 'post'] as const).flatMap((neuron) => [
    ...(spec[neuron].drive.type === 'noise' || spec[neuron].drive.type === 'table'
      ? []
      : [`${neuron}.drive.type=${spec[neuron].drive.type}`]),
    ...(spec[neuron].rho.type === 'hard-sigmoid' ? [] : [`${neuron}.rho.type=${spec[neuron].rho.type}`]),
  ]);
  const all = [...typed, text].filter((part) => part !== '').join('&');
  return all === '' ? '' : `#${all}`;
}

/** A trial that the experiment has, for a view that may be of a larger one. */
export function viewWithin(view: View, spec: Pick<ExperimentSpec, 'sequences' | 'trials'>): View {
  const { sequence, trial } = view;
  return { ...view, sequence: Math.min(sequence, spec.sequences - 1), trial: Math.min(trial, spec.trials - 1) };
}

interface Branch {
  [key: string]: unknown;
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setAtPath(root: Branch, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let branch = root;
  for (const key of keys) {
    branch[key] ??= Object.create(null);
    const next = branch[key];
    if (!isBranch(next)) throw refusal(path, value, `no value for ${key} beside it`);
    branch = next;
  }
  branch[last] = value;
}

/** A number or JSON where it is one, else the text itself: what it may be is the spec's affair. */
function parsedValue(text: string): unknown {
  if (/^[-+.\d]/.test(text) && Number.isFinite(Number(text))) return Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function differences(path: string, value: object, base: object): [path: string, value: string][] {
  return Object.entries(value).flatMap(([key, ours]): [string, string][] => {
    const theirs = (base as Branch)[key];
    const place = path === '' ? key : `${path}.${key}`;
    if (isBranch(ours)) return differences(place, ours, isBranch(theirs) ? theirs : {});
    if (ours === theirs) return [];
    return [[place, typeof ours === 'string' ? ours : JSON.stringify(ours)]];
  });
}

function readView(entries: URLSearchParams, spec: ExperimentSpec): View {
  const choice = <T extends string>(key: string, allowed: readonly T[], byDefault: T): T => {
    const text = entries.get(key) ?? byDefault;
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw refusal(key, text, `one of ${allowed.map((name) => `"${name}"`).join(', ')}`);
    return found;
  };
  const trace = entries.get('trace') ?? '0:0';
  const [sequence, trial] = /^(\d{1,9}):(\d{1,10})$/.exec(trace)?.slice(1).map(Number) ?? [];
  if (sequence === undefined || trial === undefined || sequence >= spec.sequences || trial >= spec.trials) {
    const ranges = `SEQUENCE from 0 to ${spec.sequences - 1} and TRIAL from 0 to ${spec.trials - 1}`;
    throw refusal('trace', trace, `SEQUENCE:TRIAL with ${ranges}`);
  }
  return {
    rule: choice('rule', ['rate', 'spike', 'pair'], 'rate'),
    biology: choice('fit', ['on', 'off'], 'on') === 'on',
    closedForm: choice('closed-form', ['on', 'off'], 'off') === 'on',
    sequence,
    trial,
  };
}

function refusal(path: string, value: unknown, expected: string): EngineError {
  const message = `${path}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
  return new EngineError('invalid-option', message, { path, value, expected });
}
