/// <reference types="@webgpu/types" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

/**
 * stdp-webgpu: Monte-Carlo experiments with spike-timing-dependent plasticity on WebGPU.
 *
 * @example
 * const plan = planExperiment(parseSpec({ trials: 200 }));
 * const context = await GpuContext.create();
 * const { tallies } = await simulate(gpuEngine(context), plan);
 * const curve = curveOf(tallies, plan);
 * context.destroy();
 */
export { type EarlyInference, earlyInference, type LayerMotion } from './energy/checks/early-inference.ts';
export type { Settling } from './energy/checks/settling.ts';
export { openCpuTrainer } from './energy/cpu/cpu-trainer.ts';
export { openGpuTrainer } from './energy/gpu/gpu-trainer.ts';
export { type GpuRelaxed, type GpuRelaxOptions, relaxOnGpu } from './energy/gpu/relax-on-gpu.ts';
export { glorotUniform } from './energy/initial.ts';
export {
  createNetwork,
  fullyConnectedNetwork,
  layeredNetwork,
  type Network,
  type Parameters,
  type State,
  type Surroundings,
  type Target,
  uniformState,
} from './energy/network.ts';
export type { Noise } from './energy/noise.ts';
export type { Nonlinearity } from './energy/nonlinearity.ts';
export { type LearningRule, type TrainingSettings, trainingSettings } from './energy/training/settings.ts';
export type { Examples, PassOptions, Score, Trainer, TrainingState } from './energy/training/trainer.ts';
export { initialState } from './energy/training/training-state.ts';
export { EngineError, type ErrorCode } from './errors.ts';
export { cpuPlace } from './generative/cpu-engine.ts';
export { type DigitPlayer, digitPlayer, loadDigits } from './generative/digit-player.ts';
export type { EngineOptions, EngineProgress, ModelEngine } from './generative/engine.ts';
export { openGpuModelEngine } from './generative/gpu/gpu-model-engine.ts';
export { openGpuTrainer as openGenerativeTrainer } from './generative/gpu/gpu-trainer.ts';
export { type MeasureOptions, type ModelMeasures, measureModel } from './generative/measure-model.ts';
export type { GenerativeModel, LatentState, LayerMap, ModelParameters, Prior } from './generative/model.ts';
export { modelOf, type SavedTraining, type TrainingPoint } from './generative/model-file.ts';
export { parseGenerativeSpec } from './generative/parse-spec.ts';
export type { PortableModel } from './generative/portable-model.ts';
export { runTraining, type TrainingOptions, type TrainingPlace } from './generative/run-training.ts';
export { drawSamples } from './generative/samples.ts';
export type { GenerativeSpec } from './generative/spec.ts';
export type { Trainer as GenerativeTrainer, TrainerOptions as GenerativeTrainerOptions } from './generative/trainer.ts';
export { type AdapterDescription, type ContextOptions, GpuContext } from './gpu/context.ts';
export { deleteIndexedDbJournal, listIndexedDbJournals, openIndexedDbJournal } from './io/journal-indexeddb.ts';
export { type LabelledImages, type Mnist, mnistAmong, mnistUrl, readMnist } from './io/mnist.ts';
export { agreementOf } from './stdp/agreement.ts';
export { biPoo2001, fitScale } from './stdp/biology.ts';
export { type CheckPart, type CheckResult, checkTallies } from './stdp/check.ts';
export { expectedCurve } from './stdp/closed-form.ts';
export { openGpuLoop } from './stdp/closed-loop/gpu-loop.ts';
export { type LoopPlan, planLoop } from './stdp/closed-loop/loop-plan.ts';
export { type LoopPoint, type LoopResult, loopResult } from './stdp/closed-loop/loop-results.ts';
export type * from './stdp/closed-loop/loop-spec.ts';
export type { LoopSums } from './stdp/closed-loop/loop-sums.ts';
export { openLoopTwin } from './stdp/closed-loop/loop-twin.ts';
export { parseLoopSpec } from './stdp/closed-loop/parse-loop.ts';
export { runLoop } from './stdp/closed-loop/run-loop.ts';
export { curveOf } from './stdp/curve.ts';
export type { BatchEngine, BatchOptions, Engine, Shard, Tile } from './stdp/engine.ts';
export { type FastCpuEngine, type FastCpuOptions, fastCpuEngine } from './stdp/fast/fast-cpu.ts';
export { gpuEngine } from './stdp/gpu-engine.ts';
export { exponentialWindow, kernelTable } from './stdp/kernel.ts';
export { Pace } from './stdp/pace.ts';
export { pairDistances, pairingSchemes } from './stdp/pairing-schemes.ts';
export { parseSpec } from './stdp/parse-spec.ts';
export { type ExperimentPlan, planExperiment } from './stdp/plan.ts';
export type * from './stdp/results.ts';
export { loadRules } from './stdp/rule/load-rules.ts';
export type { RuleTallies } from './stdp/rule/rule-tallies.ts';
export {
  type Progress,
  type SimulateOptions,
  type Simulation,
  simulate,
  type TrialRecord,
} from './stdp/simulate.ts';
export { type FinishedExperiment, runShards, type SimulateManyOptions, simulateMany } from './stdp/simulate-many.ts';
export type * from './stdp/spec.ts';
export { defaultSpec } from './stdp/spec-defaults.ts';
export { type CurveRule, curveAt } from './stdp/sweep/curve-at.ts';
export { type DataFit, type DataFitOptions, fitData, type PointFit } from './stdp/sweep/data-fit.ts';
export type { Journal, JournalEntry, JournalIdentity } from './stdp/sweep/journal.ts';
export type { MeasureName, MeasureWithError } from './stdp/sweep/measure-names.ts';
export type { Measurement } from './stdp/sweep/measurement.ts';
export { measure } from './stdp/sweep/measures.ts';
export { memoryJournal } from './stdp/sweep/memory-journal.ts';
export type { Estimate, PointOutcome } from './stdp/sweep/outcome.ts';
export { parseSweep } from './stdp/sweep/parse-sweep.ts';
export { type FinishedPoint, type RunSweepOptions, runSweep, type SweepProgress } from './stdp/sweep/run-sweep.ts';
export { engineRunner, type ShardRunner } from './stdp/sweep/shard-runner.ts';
export type * from './stdp/sweep/sweep-spec.ts';
export { addTallies, type Rates, type Region, type Tallies, wholeRegion } from './stdp/tallies.ts';
export { openGpuThreshold } from './stdp/threshold/gpu-threshold.ts';
export { parseThresholdSpec } from './stdp/threshold/parse-threshold.ts';
export { runThreshold } from './stdp/threshold/run-threshold.ts';
export { planThreshold, type ThresholdPlan } from './stdp/threshold/threshold-plan.ts';
export {
  type SlopePoint,
  type ThresholdResult,
  type TimingPoint,
  thresholdResult,
} from './stdp/threshold/threshold-results.ts';
export type * from './stdp/threshold/threshold-spec.ts';
export { openThresholdTwin, type ThresholdSums } from './stdp/threshold/threshold-twin.ts';
export { traceOf } from './stdp/trace.ts';
export type { TrialOutcome, TrialRun, TrialRunOptions } from './stdp/trial-run.ts';
export { tripletKernel } from './stdp/triplet-sets.ts';
export { twinEngine } from './stdp/twin.ts';
/** The version of this package. */
export const version: string = __PACKAGE_VERSION__;
