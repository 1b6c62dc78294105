import type * as TensorFlow from '@tensorflow/tfjs-core';
import { EngineError } from '../../src/errors.ts';
import { expectedCurve } from '../../src/stdp/closed-form.ts';
import type { ExperimentPlan } from '../../src/stdp/plan.ts';
import type { Rates } from '../../src/stdp/tallies.ts';
import { checkPairs } from '../check-pairs.ts';
import { timed, type Workload, WorstVerdict } from '../workload.ts';

/**
 * The experiment in TensorFlow.js on its WebGPU backend, as its users write it: tensors of shape [trials][steps], one
 * sequence after the other.
 *
 * @param rates of all sequences of the plan.
 * @throws EngineError `unavailable` where TensorFlow.js or its backend does not run.
 */
export async function tfjsWorkload(name: string, plan: ExperimentPlan, rates: Rates): Promise<Workload> {
  const tf = await loadTensorFlow();
  const { steps, sequences, trials } = plan.spec;
  const probabilities = (values: Uint32Array, sequence: number) =>
    tf.tensor1d(Float32Array.from(values.subarray(sequence * steps, (sequence + 1) * steps), (p) => p / 2 ** 31));
  const tensors = Array.from({ length: sequences }, (_, sequence) => ({
    pre: probabilities(rates.preProbabilities, sequence),
    post: probabilities(rates.postProbabilities, sequence),
  }));
  const expected = expectedCurve([rates], plan, trials).pairs;
  const worst = new WorstVerdict();
  return {
    name,
    async run(repeats) {
      const pairs = new Float64Array(plan.bins);
      const span = await timed(async () => {
        for (let repeat = 0; repeat < repeats; repeat++) {
          for (const { pre, post } of tensors) {
            const counts = tf.tidy(() => countPairs(tf, pre, post, plan));
            (await counts.data()).forEach((count, bin) => {
              pairs[bin]! += count;
            });
            counts.dispose();
          }
        }
      });
      const all = expected.map((mean) => mean * repeats);
      worst.add(checkPairs(pairs, all, Math.max(plan.spec.pre.peak, plan.spec.post.peak)));
      return span;
    },
    verify: async () => worst.verdict,
    close() {
      for (const { pre, post } of tensors) tf.dispose([pre, post]);
    },
  };
}

/** Pairs of one sequence by distance; the middle also holds every cell without a pair. */
function countPairs(
  tf: typeof TensorFlow,
  preProbabilities: TensorFlow.Tensor1D,
  postProbabilities: TensorFlow.Tensor1D,
  { spec, bins, firstPaired, pairedSteps }: ExperimentPlan,
): TensorFlow.Tensor1D {
  const { trials, steps, pairing } = spec;
  const { window } = pairing;
  const draw = (p: TensorFlow.Tensor1D) => tf.less(tf.randomUniform([trials, steps]), p);
  const pre = tf.slice(draw(preProbabilities), [0, firstPaired], [trials, pairedSteps]);
  const post = tf.pad(tf.cast(draw(postProbabilities), 'int32'), [
    [0, 0],
    [window, window],
  ]);
  const postAt = (d: number) =>
    tf.cast(tf.slice(post, [0, window + firstPaired + d], [trials, pairedSteps]), 'bool') as TensorFlow.Tensor2D;
  // From far to near, so that the nearest spike is what is left; 0 where there is none.
  const nearest = (direction: 1 | -1) => {
    let distance: TensorFlow.Tensor = tf.zeros([trials, pairedSteps], 'int32');
    for (let d = window; d >= 1; d--) {
      distance = tf.where(postAt(direction * d), tf.scalar(d, 'int32'), distance);
    }
    return distance;
  };
  const after = nearest(1);
  const before = nearest(-1);
  const oneSided = tf.logicalXor(tf.greater(after, 0), tf.greater(before, 0));
  const paired = tf.logicalAnd(tf.logicalAnd(pre, tf.logicalNot(postAt(0))), oneSided);
  const bin = tf.where(paired, tf.add(tf.sub(after, before), window), tf.scalar(window, 'int32'));
  return tf.bincount(tf.reshape(tf.cast(bin, 'int32'), [-1]), tf.tensor1d([]), bins);
}

/** TensorFlow.js on its WebGPU backend, loaded when it is first asked for. */
export async function loadTensorFlow(): Promise<typeof TensorFlow> {
  try {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-webgpu');
    if (!(await tf.setBackend('webgpu'))) throw new Error('its WebGPU backend does not start');
    return tf;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('unavailable', `TensorFlow.js does not run here: ${reason}`, { cause });
  }
}
