import { EngineError } from '../errors.ts';
import { parseSpec } from '../stdp/parse-spec.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { defaultSpec } from '../stdp/spec-defaults.ts';

/** An object of a spec that is being put together out of paths. */
export interface Branch {
  [key: string]: unknown;
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws EngineError `invalid-option` where the path leads through something that has no parts */
export function setAtPath(root: Branch, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let branch = root;
  for (const key of keys) {
    branch[key] ??= Object.create(null);
    const next = branch[key];
    if (!isBranch(next)) throw optionRefusal(path, value, `no value for ${key} beside it`);
    branch = next;
  }
  branch[last] = value;
}

/** A number or JSON where it is one, else the text itself: what it may be is the spec's affair. */
export function parsedValue(text: string): unknown {
  if (/^[-+.\d]/.test(text) && Number.isFinite(Number(text))) return Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Paths of a spec with what is not as by default, as texts that {@link parsedValue} reads. A drive or ρ of another type
 * than the default's comes first by its type, for the defaults of that type to be taken.
 */
export function specDifferences(spec: ExperimentSpec): readonly (readonly [path: string, value: string])[] {
  const types = (neuron: 'pre' | 'post') => ({
    drive: spec[neuron].drive.type === 'table' ? {} : { type: spec[neuron].drive.type },
    rho: { type: spec[neuron].rho.type },
  });
  const typed = (['pre', 'post'] as const).flatMap((neuron): [string, string][] => {
    const { drive, rho } = spec[neuron];
    return [
      ...(drive.type === 'noise' || drive.type === 'table'
        ? []
        : [[`${neuron}.drive.type`, drive.type] as [string, string]]),
      ...(rho.type === 'hard-sigmoid' ? [] : [[`${neuron}.rho.type`, rho.type] as [string, string]]),
    ];
  });
  return [...typed, ...differences('', spec, parseSpec({ ...defaultSpec, pre: types('pre'), post: types('post') }))];
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

/** The refusal of an option that is not a path of the spec. */
export function optionRefusal(path: string, value: unknown, expected: string): EngineError {
  const message = `${path}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
  return new EngineError('invalid-option', message, { path, value, expected });
}
