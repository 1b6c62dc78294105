// The trials' kernels of every pairing but the default experiment's, which does without.
import schemeTrialsText from '../../shaders/stdp/scheme-trials.wgsl?raw';
import tripletTrialsText from '../../shaders/stdp/triplet-trials.wgsl?raw';
import type { ShaderSwitches } from '../gpu/source.ts';
import type { Workspace } from '../gpu/workspace.ts';
import { schemeFlags } from './pairing-schemes.ts';
import type { ExperimentPlan } from './plan.ts';
import { block, counting, piece, type StdpShaders } from './shaders.ts';
import { tripletParams } from './triplet-params.ts';

/** The pieces of the kernels: every other pairing but triplets, and these. */
export const schemeTrials = [...counting, piece('stdp/scheme-trials.wgsl', schemeTrialsText)];
export const tripletTrials = [...counting, block(tripletParams), piece('stdp/triplet-trials.wgsl', tripletTrialsText)];

/** The kernel of a plan's pairing scheme. */
export async function schemePipeline(
  workspace: Workspace,
  shaders: StdpShaders,
  { spec, triplet }: ExperimentPlan,
  switches: ShaderSwitches,
  size: { readonly WORKGROUP_SIZE: number },
): Promise<GPUComputePipeline> {
  const label = `trials, ${spec.pairing.scheme}`;
  const flags = schemeFlags(spec.pairing);
  if (triplet) {
    const { CAUSAL, ACAUSAL } = flags;
    const constants = { ...size, ...asNumbers({ CAUSAL, ACAUSAL, NEAREST: triplet.nearest }) };
    return workspace.pipeline(label, tripletTrials, { switches, constants });
  }
  return workspace.pipeline(label, shaders.schemeTrials ?? schemeTrials, {
    switches,
    constants: { ...size, ...asNumbers(flags) },
  });
}

/** Values of pipeline constants of type bool. */
function asNumbers(flags: Readonly<Record<string, boolean>>): Record<string, number> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, Number(flag)]));
}
