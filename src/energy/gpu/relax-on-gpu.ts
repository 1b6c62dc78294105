import { EngineError } from '../../errors.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { recordPass, USAGE, Workspace } from '../../gpu/workspace.ts';
import type { Network, Numbers, Parameters, State, Target } from '../network.ts';
import type { Noise } from '../noise.ts';
import type { NoiseAddress } from '../reference/nudge.ts';
import { DeviceBatch } from './device-batch.ts';
import { uploadParameters } from './device-parameters.ts';

export interface GpuRelaxOptions {
  /** Size of the batch. */
  readonly examples: number;
  /** Layers whose state does not change. */
  readonly clamped: readonly number[];
  /** Pushes a layer during the whole relaxation; values of shape [examples][units]. */
  readonly target?: Target<Numbers>;
  /** ε, 0 < ε ≤ 1. */
  readonly epsilon: number;
  readonly steps: number;
  /** Default none. */
  readonly noise?: Noise;
  /** Of the first example; needed where there is noise. The first step is step 1. */
  readonly noiseAddress?: NoiseAddress;
}

export interface GpuRelaxed {
  /** Shape [examples][units] per layer. */
  readonly states: State<Float32Array<ArrayBuffer>>;
  /** Largest |s(t+1) − s(t)| / ε over units and examples at the last step. */
  readonly residual: number;
}

/** Steps of one submission: short enough for the watchdog of a slow adapter. */
const SUBMITTED_STEPS = 200;

/**
 * Relaxes a batch on the GPU: states and weights stay on the device, and nothing is read before the last step.
 *
 * @param states where the units start, shape [examples][units] per layer
 * @throws EngineError `diverged` where a state is no longer finite, `shader`, `out-of-memory`, `device-lost`
 */
export async function relaxOnGpu(
  context: GpuContext,
  network: Network,
  parameters: Parameters<Numbers>,
  states: State<Numbers>,
  options: GpuRelaxOptions,
): Promise<GpuRelaxed> {
  const { examples: rows, clamped, target, epsilon, steps, noise, noiseAddress } = options;
  const workspace = new Workspace(context);
  try {
    const batch = await DeviceBatch.open(workspace, network, await uploadParameters(workspace, network, parameters), {
      rows,
      clamped,
      epsilon,
      ...(noise ? { noise } : {}),
      ...(noiseAddress ? { noiseAddress } : {}),
      ...(target ? { targetLayer: target.layer } : {}),
    });
    batch.setStates(states);
    if (target) {
      batch.setPhase({ strength: target.strength });
      batch.setGoal(target.values);
    }
    const prepared = await batch.prepare(0);
    const both = target ? await batch.nudgedSteps(0, 2) : await batch.freeSteps(0, 2);
    const word = await workspace.buffer('residual', USAGE.readable, 4);
    const last = await batch.residual(steps, word);
    const perStep = both.length / 2;
    for (let done = 0; done < steps || done === 0; done += SUBMITTED_STEPS) {
      await workspace.submit('relaxation', (encoder) => {
        if (done === 0) recordPass(encoder, 'what does not change', prepared);
        for (let step = done; step < Math.min(steps, done + SUBMITTED_STEPS); step++) {
          const from = (step % 2) * perStep;
          recordPass(encoder, 'step', both.slice(from, from + perStep));
        }
        if (done + SUBMITTED_STEPS >= steps && steps > 0) recordPass(encoder, 'residual', last);
      });
    }
    const [bits] = new Uint32Array(await workspace.read(word, 0, 4));
    const residual = new Float32Array(Uint32Array.of(bits!).buffer)[0]! / epsilon;
    if (!Number.isFinite(residual)) {
      const expected = 'smaller weights or ε';
      const message = `a state is no longer finite within ${steps} steps; the weights are too large for ε = ${epsilon}`;
      throw new EngineError('diverged', `${message}; expected ${expected}`, {
        path: 'epsilon',
        value: epsilon,
        expected,
      });
    }
    return { states: await batch.readStates(steps), residual };
  } finally {
    workspace.destroy();
  }
}
