import { type Branch, parsedValue, setAtPath, specDifferences } from '../live/spec-paths.ts';
import { parseSpec } from '../stdp/parse-spec.ts';
import { loadRules } from '../stdp/rule/load-rules.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';

/** Attributes that set a number of both neurons, with its path in each. */
export const ofBothNeurons = { epsilon: 'epsilon', peak: 'peak', mean: 'drive.mean', sd: 'drive.sd' } as const;

/** Attributes that set one thing of the experiment, with its path in the spec. */
const ofExperiment = {
  seed: 'seed',
  sequences: 'sequences',
  steps: 'steps',
  trials: 'trials',
  window: 'pairing.window',
  scheme: 'pairing.scheme',
} as const;

/** HTML writes names of attributes in small letters. */
const capitals = ['msPerStep', 'aPlus', 'tauPlus', 'aMinus', 'tauMinus'];

/**
 * The experiment that an element's attributes ask for: `spec` (JSON), over it {@link ofExperiment} and
 * {@link ofBothNeurons}, over these any path of a spec, as in `post.epsilon="0.1"`.
 *
 * @throws EngineError `invalid-spec` with the path, the value and what is allowed
 */
export async function specOf(element: Element): Promise<ExperimentSpec> {
  const json = element.getAttribute('spec');
  const input = (json === null ? {} : parsedValue(json)) as Branch;
  for (const [name, path] of Object.entries(ofExperiment)) set(input, path, element.getAttribute(name));
  for (const [name, path] of Object.entries(ofBothNeurons)) {
    for (const neuron of ['pre', 'post']) set(input, `${neuron}.${path}`, element.getAttribute(name));
  }
  for (const { name, value } of element.attributes) {
    if (/^(pre|post|pairing|kernel)\.|^msperstep$/.test(name)) set(input, withCapitals(name), value);
  }
  if (typeof input === 'object' && input !== null && 'rule' in input) await loadRules();
  return parseSpec(input);
}

/** The attributes that ask for an experiment: what is not as by default. */
export function attributesOf(spec: ExperimentSpec): readonly (readonly [name: string, value: string])[] {
  const short = Object.entries(ofExperiment);
  return specDifferences(spec).map(([path, value]) => [short.find(([, of]) => of === path)?.[0] ?? path, value]);
}

function set(input: Branch, path: string, text: string | null): void {
  if (text !== null) setAtPath(input, path, parsedValue(text));
}

function withCapitals(path: string): string {
  return path
    .split('.')
    .map((key) => capitals.find((name) => name.toLowerCase() === key) ?? key)
    .join('.');
}
