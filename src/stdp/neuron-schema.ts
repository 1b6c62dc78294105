import * as v from 'valibot';
import { meaning } from '../spec/meaning.ts';
import { between, fraction, integer, objectWith, option, positive, section } from '../spec/schema-parts.ts';
import { defaultDrives, defaultNeuron, defaultRhos } from './spec-defaults.ts';

/** Most steps of a sequence. */
export const LARGEST_STEPS = 2 ** 24;

/** Largest magnitude of a voltage or an activity in a spec. */
const LARGEST_VOLTAGE = 1e6;

const voltage = (description: string) => between(-LARGEST_VOLTAGE, LARGEST_VOLTAGE, description);

/** One number of a table. */
export const tableNumber = voltage(meaning`s(t).`);

const low = meaning`Lower end of the uniform levels of u; at most high.`;
const high = meaning`Upper end of the uniform levels of u.`;

const driveTypes = 'one of "noise", "steps", "ramps", "table"';

const drive = v.pipe(
  objectWith(`an object whose type is ${driveTypes}`),
  v.variant(
    'type',
    [
      option(
        {
          type: v.optional(v.literal('noise'), 'noise'),
          mean: v.optional(voltage(meaning`Mean of u.`), defaultDrives.noise.mean),
          sd: v.optional(
            between(0, LARGEST_VOLTAGE, meaning`Standard deviation of u per step.`),
            defaultDrives.noise.sd,
          ),
        },
        'noise',
      ),
      option(
        {
          type: v.literal('steps'),
          low: v.optional(voltage(low), defaultDrives.steps.low),
          high: v.optional(voltage(high), defaultDrives.steps.high),
          hold: v.optional(
            between(1, 1e9, meaning`Mean number of steps between redraws of u.`),
            defaultDrives.steps.hold,
          ),
        },
        'steps',
      ),
      option(
        {
          type: v.literal('ramps'),
          low: v.optional(voltage(low), defaultDrives.ramps.low),
          high: v.optional(voltage(high), defaultDrives.ramps.high),
          knots: v.optional(
            integer(2, LARGEST_STEPS, meaning`Number of levels over a sequence; at most steps.`),
            defaultDrives.ramps.knots,
          ),
        },
        'ramps',
      ),
      v.pipe(
        option(
          {
            type: v.literal('table'),
            values: v.optional(
              v.pipe(
                v.array(
                  v.array(tableNumber, 'a row: an array of steps + 1 numbers'),
                  'an array with a row of numbers for each sequence',
                ),
                v.description(
                  meaning`The integrated activity s itself: a row for each sequence, steps + 1 numbers in a row.`,
                ),
              ),
            ),
            file: v.optional(
              v.pipe(
                v.string('the name of a CSV file'),
                v.minLength(1, 'the name of a CSV file'),
                v.description(
                  meaning`CSV file with the values, relative to the spec file; rows as in values, no header row.`,
                ),
              ),
            ),
          },
          'table',
        ),
        v.metadata({ oneOf: [{ required: ['values'] }, { required: ['file'] }] }),
      ),
    ],
    driveTypes,
  ),
  v.description(meaning`External voltage u that the integrated activity s follows; a table gives s itself.`),
);

const rhoTypes = 'one of "hard-sigmoid", "logistic"';

const rho = v.pipe(
  objectWith(`an object whose type is ${rhoTypes}`),
  v.variant(
    'type',
    [
      option(
        {
          type: v.optional(v.literal('hard-sigmoid'), 'hard-sigmoid'),
          beta1: v.optional(
            v.pipe(
              v.number('a number > -1 and < 0'),
              v.gtValue(-1, 'a number > -1 and < 0'),
              v.ltValue(0, 'a number > -1 and < 0'),
              v.description(meaning`Lower threshold of clip(s - beta1, 0, 1).`),
            ),
            defaultRhos.hardSigmoid.beta1,
          ),
        },
        'hard-sigmoid',
      ),
      option(
        {
          type: v.literal('logistic'),
          slope: v.optional(positive(1e6, meaning`Slope per unit of s.`), defaultRhos.logistic.slope),
          midpoint: v.optional(voltage(meaning`Activity s at which the rate is half.`), defaultRhos.logistic.midpoint),
        },
        'logistic',
      ),
    ],
    rhoTypes,
  ),
  v.description(meaning`Firing-rate function of the integrated activity.`),
);

/** The part of a spec that describes one neuron. */
export function neuron(description: string) {
  return section(
    {
      drive: v.optional(drive, defaultNeuron.drive),
      epsilon: v.optional(
        fraction(32, meaning`Leak per step of s(t+1) = s(t) + epsilon (u(t) - s(t)).`),
        defaultNeuron.epsilon,
      ),
      rho: v.optional(rho, defaultNeuron.rho),
      peak: v.optional(fraction(31, meaning`Spike probability per step at rate 1.`), defaultNeuron.peak),
    },
    description,
  );
}
