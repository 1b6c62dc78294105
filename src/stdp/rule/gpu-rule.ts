import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { powerOfTwo } from '../../numeric/elementary.ts';
import type { BatchPart } from '../gpu-batch.ts';
import type { ReadableCounts } from '../gpu-counts.ts';
import { pairFaultAt } from './pair-fault.ts';
import { packRuleParameters, ruleParams, ruleQuantaShader, ruleSumsShader } from './rule-shaders.ts';
import type { RuleTallies } from './rule-tallies.ts';

/** A row without a fault. */
const NO_FAULT = 0xffffffff;
const WORKGROUP_SIZE = 64;

/** What was counted on the device. */
export interface CountedBatch {
  /** Regions whose plans all have rules with the same WGSL, over the same recorded steps. */
  readonly parts: readonly BatchPart[];
  /** First row of each part. */
  readonly firstRows: readonly number[];
  readonly rows: number;
  readonly buffers: {
    readonly rows: GPUBuffer;
    readonly postStates: GPUBuffer;
    readonly preRates: GPUBuffer;
    readonly postRates: GPUBuffer;
  };
  readonly counts: ReadableCounts;
  /** The adapter shifts slowly. */
  readonly slowShifts: boolean;
}

/**
 * Evaluates the users' rules of a batch on the device, for all that was counted, and sums them.
 *
 * @returns tallies of each part
 * @throws EngineError `invalid-spec` where a rule has no finite result for a pair, or one that its step does not hold
 */
export async function tallyRulesOnGpu(workspace: Workspace, batch: CountedBatch): Promise<readonly RuleTallies[]> {
  const { parts, rows, buffers, counts, slowShifts } = batch;
  const { counters, stepVectors } = counts;
  const [{ plan, region }] = parts as [BatchPart];
  const { bins, spec } = plan;
  const cells = rows * region.steps;
  const rules = parts.map((part) => ({ rule: part.plan.rule!, unit: powerOfTwo(-part.plan.post.fractionBits) }));
  const [{ rule }] = rules as [(typeof rules)[number]];
  const [params, parameters, quanta, faults, binSums, cellSums] = await Promise.all([
    workspace.buffer(
      'rule parameters',
      USAGE.uniform,
      ruleParams.pack({
        rows,
        steps: spec.steps,
        bins,
        stepVectors,
        firstRecorded: region.firstStep,
        recordedSteps: region.steps,
        window: spec.pairing.window,
        noPairsBin: plan.spikeBin ?? spec.pairing.window,
        parameters: rule.parameters.length,
      }),
    ),
    workspace.buffer("parameters of the users' rules", USAGE.table, packRuleParameters(rules)),
    workspace.buffer('rule quanta', USAGE.storage, cells * stepVectors * 32),
    workspace.buffer('rule faults', USAGE.exchanged, new Uint32Array(rows).fill(NO_FAULT)),
    workspace.buffer('rule sums by bin', USAGE.readable, rows * bins * 8),
    workspace.buffer('rule sums by cell', USAGE.readable, cells * 8),
  ]);
  const switches = { ...counts.switches, SLOW_SHIFTS: slowShifts };
  try {
    const sumsPipeline = (CELLS: boolean) =>
      workspace.pipeline('rule sums', [counts.products, ...ruleSumsShader], { switches: { ...switches, CELLS } });
    const [evaluate, sumBins, sumCells] = await Promise.all([
      workspace.pipeline('rule', ruleQuantaShader(rule), { switches }),
      sumsPipeline(false),
      sumsPipeline(true),
    ]);
    const { rows: rowTable, postStates, preRates, postRates } = buffers;
    const inputs = [counters, rowTable, postStates, preRates, postRates, parameters];
    const evaluated = workspace.bind(evaluate, [params, ...inputs, quanta, faults]);
    const sum = (pipeline: GPUComputePipeline, sums: GPUBuffer, threads: number) => {
      const bindings = workspace.bind(pipeline, [params, counters, quanta, sums]);
      return workspace.dispatchThreads(pipeline, bindings, threads, WORKGROUP_SIZE);
    };
    const dispatches = [
      workspace.dispatchThreads(evaluate, evaluated, cells, WORKGROUP_SIZE),
      sum(sumBins, binSums, rows * stepVectors),
      sum(sumCells, cellSums, cells),
    ];
    const [[faultBytes, binBytes, cellBytes]] = await Promise.all([
      Promise.all([
        workspace.read(faults, 0, rows * 4),
        workspace.read(binSums, 0, rows * bins * 8),
        workspace.read(cellSums, 0, cells * 8),
      ]),
      ...dispatches,
    ]);
    throwFirstFault(batch, new Uint32Array(faultBytes));
    return parts.map(({ region: { sequences, steps } }, part) => {
      const row = batch.firstRows[part]!;
      const end = row + sequences;
      return {
        binSums: new BigInt64Array(binBytes).slice(row * bins, end * bins),
        cellSums: new BigInt64Array(cellBytes).slice(row * steps, end * steps),
      };
    });
  } finally {
    workspace.free(params, parameters, quanta, faults, binSums, cellSums);
  }
}

function throwFirstFault({ parts, firstRows }: CountedBatch, faults: Uint32Array): void {
  const row = faults.findIndex((place) => place !== NO_FAULT);
  if (row < 0) return;
  const part = firstRows.findLastIndex((first) => first <= row);
  const { plan, region } = parts[part]!;
  const place = faults[row]!;
  const bin = place % plan.bins;
  throw pairFaultAt(plan.rule!, plan, {
    sequence: region.firstSequence + row - firstRows[part]!,
    t: region.firstStep + (place - bin) / plan.bins,
    d: bin - plan.spec.pairing.window,
  });
}
