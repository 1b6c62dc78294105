import * as v from 'valibot';
import { refusal, shapeError } from '../../spec/refusal.ts';
import { between, count, integer, positive, section } from '../../spec/schema-parts.ts';
import { defaultThresholdSpec, type ThresholdSpec } from './threshold-spec.ts';

/** Longest window: what a histogram in a workgroup's memory has room for. */
export const LARGEST_WINDOW = 1024;
const LARGEST_VOLTAGE = 1e6;
const LEAST_SLOPE = 1e-9;
/** V, V̇ and the noise share a fixed-point format: the least of them must have so many bits in it. */
const LEAST_SHARE = 2 ** -24;

const voltage = (description: string) => between(-LARGEST_VOLTAGE, LARGEST_VOLTAGE, description);
const { slopes, ...defaults } = defaultThresholdSpec;

/** Shape, defaults and ranges of a threshold-crossing spec. */
export const thresholdSchema = section(
  {
    seed: v.optional(integer(0, 2 ** 32 - 1, 'Seed of every random number.'), defaults.seed),
    trials: v.optional(count(2 ** 32 - 1, 'Trials of each slope; at most 2^32 - 1.'), defaults.trials),
    window: v.optional(
      integer(1, LARGEST_WINDOW, 'Farthest crossing that is looked for, in steps on either side.'),
      defaults.window,
    ),
    threshold: v.optional(voltage('Voltage at which the neuron spikes.'), defaults.threshold),
    low: v.optional(voltage('V(0) is uniform between this and the threshold.'), defaults.low),
    noise: v.optional(
      between(0, LARGEST_VOLTAGE, 'Standard deviation of the noise on V at each step but 0.'),
      defaults.noise,
    ),
    slopes: v.optional(
      section(
        {
          low: v.optional(between(LEAST_SLOPE, LARGEST_VOLTAGE, 'Least magnitude of the slope, per step.'), slopes.low),
          high: v.optional(between(LEAST_SLOPE, LARGEST_VOLTAGE, 'Largest magnitude.'), slopes.high),
          count: v.optional(
            integer(1, 1024, 'Number of magnitudes, at equal ratios; each with both signs.'),
            slopes.count,
          ),
        },
        'Rates of change of the voltage.',
      ),
      slopes,
    ),
    msPerStep: v.optional(positive(1e6, 'Duration of a step in ms; labels axes.'), defaults.msPerStep),
  },
  'Threshold crossing of a voltage of constant slope around a presynaptic spike.',
);

/**
 * Checks the spec of a threshold-crossing simulation and fills in its defaults.
 *
 * @throws EngineError `invalid-spec` with path, value and what is allowed.
 */
export function parseThresholdSpec(input: unknown): ThresholdSpec {
  const result = v.safeParse(thresholdSchema, input, { abortEarly: true });
  if (!result.success) throw shapeError(result.issues[0], 'spec');
  const spec = result.output;
  if (spec.trials > 2 ** 32 - 1) throw refusal('trials', spec.trials, `an integer from 1 to ${2 ** 32 - 1}`);
  if (spec.low >= spec.threshold) throw refusal('low', spec.low, `a number < threshold = ${spec.threshold}`);
  if (spec.slopes.low > spec.slopes.high) {
    throw refusal('slopes.low', spec.slopes.low, `a number ≤ slopes.high = ${spec.slopes.high}`);
  }
  const reach = largestVoltage(spec);
  const finest = Math.min(spec.slopes.low, spec.threshold - spec.low);
  if (finest < reach * LEAST_SHARE) {
    const path = finest === spec.slopes.low ? 'slopes.low' : 'low';
    const value = finest === spec.slopes.low ? spec.slopes.low : spec.low;
    const reason = 'voltages of this spec are compared in fixed point';
    throw refusal(
      path,
      value,
      `slopes and threshold - low of at least 2^-24 of the largest voltage, ${reach}: ${reason}`,
    );
  }
  return spec;
}

/** Bound on the distance of V from V(0) and from the threshold. */
export function largestVoltage({ threshold, low, noise, slopes: { high }, window }: ThresholdSpec): number {
  return threshold - low + high * window + 6.4 * noise;
}
