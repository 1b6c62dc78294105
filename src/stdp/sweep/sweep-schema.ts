import * as v from 'valibot';
import { count, integer, objectWith, section } from '../../spec/schema-parts.ts';
import { LARGEST_TRIAL_STEPS, specSchema } from '../spec-schema.ts';
import { measureNames, measuresWithError } from './measure-names.ts';
import type { AxisSpec } from './sweep-spec.ts';

/** Most points of a sweep, replicates included. */
export const LARGEST_POINTS = 2 ** 20;

const finite = v.pipe(v.number('a finite number'), v.finite('a finite number'));
const positive = v.pipe(v.number('a number > 0'), v.finite('a number > 0'), v.gtValue(0, 'a number > 0'));
const howMany = count(LARGEST_POINTS, 'Number of values.');

const list = v.pipe(
  v.array(finite),
  v.minLength(1, 'an array of at least one value'),
  v.description('The values, in this order.'),
);

const linspace = v.strictTuple([finite, finite, howMany], '[first, last, n]');
const logspace = v.strictTuple([positive, positive, howMany], '[first, last, n]');
const uniform = v.strictTuple([finite, finite, howMany], '[low, high, n] or, with latin, [low, high]');
const loguniform = v.strictTuple([positive, positive, howMany], '[low, high, n] or, with latin, [low, high]');
const uniformRange = v.strictTuple([finite, finite]);
const loguniformRange = v.strictTuple([positive, positive]);

function keyed<const Entries extends v.ObjectEntries>(entries: Entries, description: string) {
  return v.pipe(v.strictObject(entries, Object.keys(entries).join(', ')), v.description(description));
}

const forms = {
  linspace: keyed({ linspace }, 'n values from first to last, both included, at equal distances.'),
  logspace: keyed({ logspace }, 'n values from first to last, both included and > 0, at equal ratios.'),
  uniform: keyed({ uniform }, 'n seeded draws from Uniform(low, high).'),
  loguniform: keyed({ loguniform }, 'n seeded draws between low and high, both > 0, with uniform logarithm.'),
};

const ranges = {
  uniform: keyed({ uniform: uniformRange }, 'A range of the Latin hypercube.'),
  loguniform: keyed({ loguniform: loguniformRange }, 'A range > 0 of the Latin hypercube, in its logarithm.'),
};

/** Any axis. Says nothing about where an axis is wrong; see `axis`. */
export const anyAxis = v.union(
  [list, ...Object.values(forms), ...Object.values(ranges)],
  `an array of values or an object with one of the keys ${Object.keys(forms).join(', ')}`,
);

/** The schema of the form that an axis means to have, so that an error names the place in it. */
const axis = v.lazy<v.GenericSchema<unknown, AxisSpec>>((input) => {
  if (Array.isArray(input)) return list;
  const key = Object.keys(forms).find((form) => Object.hasOwn(Object(input), form)) as keyof typeof forms | undefined;
  if (key === undefined) return anyAxis;
  const { [key]: numbers } = input as Record<string, unknown>;
  const isRange = Array.isArray(numbers) && numbers.length === 2;
  return isRange && (key === 'uniform' || key === 'loguniform') ? ranges[key] : forms[key];
});

const axes = v.pipe(
  objectWith('an object with an axis for each path'),
  v.record(v.string(), axis),
  v.description('Path of a number in the base, as post.epsilon or pre.drive.values[0][3], and its values.'),
);

const zip = v.pipe(
  v.array(
    v.pipe(
      v.array(v.string('the path of an axis'), 'an array of paths of axes'),
      v.minLength(2, 'at least two paths of axes'),
    ),
    'an array of arrays of paths',
  ),
  v.description('Axes that move together; they have equally many values. All others form a grid.'),
);

const measures = v.pipe(
  v.array(v.picklist(measureNames, `one of ${measureNames.join(', ')}`), 'an array of measures'),
  v.minLength(1, 'an array of at least one measure'),
  v.metadata({ uniqueItems: true, description: 'What is reported of each point.' }),
);

const until = section(
  {
    measure: v.pipe(
      v.picklist(measuresWithError, `one of ${measuresWithError.join(', ')}`),
      v.description("One of the sweep's measures that has a standard error."),
    ),
    se: v.pipe(positive, v.description('A point is finished when the standard error is at most this.')),
    maxTrials: count(LARGEST_TRIAL_STEPS, 'Most trials of a point; at least the trials of every point.'),
  },
  'When a point has enough trials; without it a point has the trials of its spec.',
);

/**
 * Shape, defaults and ranges of a sweep. What relates its parts to each other, and that each of its points is an
 * experiment, is checked by `parseSweep`.
 */
export const sweepSpecSchema = section(
  {
    base: v.optional(specSchema, {}),
    axes: v.optional(axes, {}),
    zip: v.optional(zip, []),
    latin: v.nullish(
      integer(1, LARGEST_POINTS, 'Number of points of the Latin hypercube over the axes that give only a range.'),
      null,
    ),
    replicates: v.optional(
      integer(1, LARGEST_POINTS, 'Every point is run with seeds seed to seed + replicates - 1.'),
      1,
    ),
    measures: v.optional(measures, [...measureNames]),
    until: v.nullish(until, null),
  },
  'A sweep: an experiment at many values of some of its numbers.',
);
