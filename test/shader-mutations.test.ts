import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import type { ShaderPiece } from '../src/gpu/source.ts';
import { checkTallies } from '../src/stdp/check.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { schemeTrials } from '../src/stdp/gpu-schemes.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { type StdpShaders, stdpShaders } from '../src/stdp/shaders.ts';
import { simulate } from '../src/stdp/simulate.ts';

/** The kernels with one text replaced; fails where the text is not there. */
function mutated(kernel: 'trials' | 'cellTally', original: string, replacement: string): StdpShaders {
  return { ...stdpShaders, [kernel]: replaced(stdpShaders[kernel], original, replacement) };
}

/** The same of the kernel of the other pairing schemes. */
function mutatedScheme(original: string, replacement: string): StdpShaders {
  return { ...stdpShaders, schemeTrials: replaced(schemeTrials, original, replacement) };
}

function replaced(pieces: readonly ShaderPiece[], original: string, replacement: string): readonly ShaderPiece[] {
  if (pieces.every(({ text }) => !text.includes(original))) throw new Error(`no ${original}`);
  return pieces.map((piece) => ({ ...piece, text: piece.text.replaceAll(original, replacement) }));
}

describe('the closed-form check of a GPU run', () => {
  const plan = planExperiment(parseSpec({ sequences: 200, trials: 200, post: { peak: 0.2 } }));
  let context: GpuContext;

  beforeAll(async () => {
    const { gpu } = await loadDawn();
    context = await GpuContext.create({ gpu });
  });
  afterAll(() => {
    context.destroy();
  });

  const check = async (shaders: StdpShaders, of = plan) => {
    const { tallies, rates } = await simulate(gpuEngine(context, shaders), of, { rates: true });
    return checkTallies(tallies, rates, of);
  };

  it('passes with the kernels as they are', async () => {
    expect((await check(stdpShaders)).passed).toBe(true);
  });

  it.each([
    [
      'a biased sampler',
      mutated(
        'trials',
        'decision.undecided & (random ^ threshold)',
        'decision.undecided & ((random | (random >> 5u)) ^ threshold)',
      ),
    ],
    [
      'a sampler that stops one group of bits early',
      mutated('trials', 'decision = decideFourBits(decision, planesAt(at, group), state);', ''),
    ],
    ['a window one step short', mutated('trials', 'after <= reach', 'after < reach')],
    ['a window one step long on the other side', mutated('trials', 'before <= reach', 'before <= reach + STEP')],
    ['a dropped coincidence rule', mutated('trials', '!coincident & (anyAfter', '(anyAfter')],
    [
      'pairs kept though there are spikes on both sides',
      mutated('trials', 'anyAfter != anyBefore', 'anyAfter | anyBefore'),
    ],
    [
      'trials that share streams',
      mutated('trials', 'address.sequence, trial, 0u', 'address.sequence, trial / 16u, 0u'),
    ],
    [
      'sequences that share their spikes’ streams',
      mutated('trials', 'SPIKES_PURPOSE, address.sequence,', 'SPIKES_PURPOSE, 0u,'),
    ],
    [
      'a rate rule with the wrong sign',
      mutated('cellTally', 'postStates[state + 1u] - postStates[state]', 'postStates[state] - postStates[state + 1u]'),
    ],
    [
      'a rate rule read one step late',
      mutated('cellTally', 'params.firstRecorded + index', 'params.firstRecorded + 4u + index'),
    ],
  ])('catches %s', async (_, shaders) => {
    expect((await check(shaders)).passed).toBe(false);
  });

  const schemePlan = (pairing: object) =>
    planExperiment(parseSpec({ sequences: 200, trials: 200, post: { peak: 0.2 }, pairing }));

  it.each([
    [
      'a presynaptic spike that does not hide a tied one',
      schemePlan({ scheme: 'nearest-symmetric', coincidence: 'causal' }),
      mutatedScheme('pairs &= nearerThanFirst(pre)', 'pairs &= upToFirst(pre)'),
    ],
    [
      'a nearest spike beyond which others count',
      schemePlan({ scheme: 'nearest-presynaptic' }),
      mutatedScheme('pairs &= upToFirst(post);', ''),
    ],
    [
      'a coincident spike that hides nothing',
      schemePlan({ scheme: 'nearest-reduced', coincidence: 'acausal' }),
      mutatedScheme('if (tied && coincident)', 'if (false)'),
    ],
    [
      'a side that is read one step off',
      schemePlan({ scheme: 'all-to-all' }),
      mutatedScheme('((words[1] >> b) >> 1u)', '(words[1] >> b)'),
    ],
    [
      'pairs on both sides under nearest-exclusive',
      schemePlan({ scheme: 'nearest-exclusive', coincidence: 'causal' }),
      mutatedScheme('if (EXCLUSIVE &&', 'if (false &&'),
    ],
  ])('catches %s', async (_, of, shaders) => {
    expect((await check(stdpShaders, of)).passed).toBe(true);
    expect((await check(shaders, of)).passed).toBe(false);
  });
});
