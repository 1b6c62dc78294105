import type { CurveRule as AnyRule } from '../src/figures/index.ts';
import { defaultSpec, type ExperimentSpec, parseSpec } from '../src/index.ts';
import { type Branch, optionRefusal, parsedValue, setAtPath, specDifferences } from '../src/live/spec-paths.ts';

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
  const parts = [...specDifferences(spec)];
  const { rule, biology, closedForm, sequence, trial } = view;
  if (rule !== 'rate') parts.push(['rule', rule]);
  if (!biology) parts.push(['fit', 'off']);
  if (closedForm) parts.push(['closed-form', 'on']);
  if (sequence > 0 || trial > 0) parts.push(['trace', `${sequence}:${trial}`]);
  const readable = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2C', ',');
  const text = parts.map(([key, value]) => `${readable(key)}=${readable(value)}`).join('&');
  return text === '' ? '' : `#${text}`;
}

/** A trial that the experiment has, for a view that may be of a larger one. */
export function viewWithin(view: View, spec: Pick<ExperimentSpec, 'sequences' | 'trials'>): View {
  const { sequence, trial } = view;
  return { ...view, sequence: Math.min(sequence, spec.sequences - 1), trial: Math.min(trial, spec.trials - 1) };
}

function readView(entries: URLSearchParams, spec: ExperimentSpec): View {
  const choice = <T extends string>(key: string, allowed: readonly T[], byDefault: T): T => {
    const text = entries.get(key) ?? byDefault;
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw optionRefusal(key, text, `one of ${allowed.map((name) => `"${name}"`).join(', ')}`);
    return found;
  };
  const trace = entries.get('trace') ?? '0:0';
  const [sequence, trial] = /^(\d{1,9}):(\d{1,10})$/.exec(trace)?.slice(1).map(Number) ?? [];
  if (sequence === undefined || trial === undefined || sequence >= spec.sequences || trial >= spec.trials) {
    const ranges = `SEQUENCE from 0 to ${spec.sequences - 1} and TRIAL from 0 to ${spec.trials - 1}`;
    throw optionRefusal('trace', trace, `SEQUENCE:TRIAL with ${ranges}`);
  }
  return {
    rule: choice('rule', ['rate', 'spike', 'pair'], 'rate'),
    biology: choice('fit', ['on', 'off'], 'on') === 'on',
    closedForm: choice('closed-form', ['on', 'off'], 'off') === 'on',
    sequence,
    trial,
  };
}
