import type { GpuContext } from '../../gpu/context.ts';
import { recordPass, USAGE, Workspace } from '../../gpu/workspace.ts';
import { DeviceBatch } from '../gpu/device-batch.ts';
import { downloadParameters, uploadParameters } from '../gpu/device-parameters.ts';
import { learningSteps } from '../gpu/learning-steps.ts';
import { zeroParameters } from '../reference/gradient.ts';
import { inFloat64 } from '../reference/held-network.ts';
import type { Measured } from './energy-check.ts';
import { type Agreement, agreementsOf } from './update-agreement.ts';

/** As in float64 (update-agreement.ts). */
const EPSILON = 0.5;
/** Steps in which a free state, rounded to float32, becomes one of the device. */
const FREE_STEPS = 200;
/** Steps of one submission. */
const SUBMITTED_STEPS = 100;

/**
 * The update of a nudged phase on the GPU against the gradient that float64 has found, summed over the examples.
 *
 * @param measured what float64 has measured: its free states are where the GPU begins
 * @param nudge β
 * @param steps of the nudged phase
 */
export async function agreementOnGpu(
  context: GpuContext,
  measured: Measured,
  nudge: number,
  steps: number,
): Promise<Agreement[]> {
  const { network, parameters, examples, freeStates, gradient } = measured;
  const { sizes, offsets } = network;
  const output = sizes.length - 1;
  const workspace = new Workspace(context);
  try {
    const rows = examples.length;
    const batch = await DeviceBatch.open(workspace, network, await uploadParameters(workspace, network, parameters), {
      rows,
      clamped: [0],
      epsilon: EPSILON,
      targetLayer: output,
      keptSteps: steps,
    });
    batch.setPhase({ strength: nudge, changeScale: 1 / nudge });
    batch.setGoal(joined(examples.map(({ target }) => target)));
    batch.setStates(
      sizes.map((_, layer) => joined(freeStates.map((s) => s.subarray(offsets[layer], offsets[layer + 1])))),
    );
    const into = await uploadParameters(workspace, network, zeroParameters(network));
    const fault = await workspace.buffer('fault', USAGE.exchanged, 4);
    const learn = await learningSteps(batch, {
      rule: 'stdp',
      // Undoes the mean over the batch.
      rates: network.connections.map(() => rows),
      endSide: FREE_STEPS + steps,
      into,
      fault,
    });
    const phases = [
      ...(await batch.freeSteps(0, FREE_STEPS)),
      ...(await batch.nudgedSteps(FREE_STEPS, steps)),
      ...learn,
    ];
    const prepared = await batch.prepare(0);
    await workspace.submit('what does not change', (encoder) => recordPass(encoder, 'drives', prepared));
    for (let done = 0; done < phases.length; done += SUBMITTED_STEPS) {
      const part = phases.slice(done, done + SUBMITTED_STEPS);
      await workspace.submit('update', (encoder) => recordPass(encoder, 'update', part));
      await context.idle();
    }
    const change = inFloat64(await downloadParameters(workspace, network, into));
    return agreementsOf(gradient, change).map((agreement) => ({
      ...agreement,
      steps,
      settled: false,
      nudge,
      sides: 'towards',
      noise: 0,
    }));
  } finally {
    workspace.destroy();
  }
}

function joined(rows: readonly Float64Array[]): Float64Array {
  const values = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    values.set(row, at);
    at += row.length;
  }
  return values;
}
