import {
  type Curve,
  curveOf,
  type Engine,
  EngineError,
  type ErrorCode,
  type ExperimentSpec,
  engineRunner,
  type FinishedPoint,
  fastCpuEngine,
  GpuContext,
  gpuEngine,
  parseSpec,
  parseSweep,
  planExperiment,
  runSweep,
  simulate,
} from 'stdp-webgpu';
import {
  type CurveDetail,
  type DigitDetail,
  type DigitGenerator,
  type StdpCurve,
  useDevice,
} from 'stdp-webgpu/element';
import { type FigureOptions, spikeTimingFigure, svgText } from 'stdp-webgpu/figures';
import { type Dawn, loadDawn } from 'stdp-webgpu/node';

export const spec: ExperimentSpec = parseSpec({ pre: { drive: { type: 'steps', hold: 20 } } });

// A drive is one of its kinds, and only that kind's numbers are there.
export function hold({ pre: { drive } }: ExperimentSpec): number {
  // @ts-expect-error: a drive of noise has no hold.
  if (drive.type === 'noise') return drive.hold;
  return drive.type === 'steps' ? drive.hold : 0;
}

// What is read cannot be written.
// @ts-expect-error: specs are read only.
spec.seed = 2;

export async function curve(device: GPUDevice): Promise<Curve> {
  const context = GpuContext.borrow(device);
  const engine: Engine = gpuEngine(context);
  const controller = new AbortController();
  const plan = planExperiment(spec);
  const { tallies, interrupted } = await simulate(engine, plan, {
    signal: controller.signal,
    onProgress: ({ done, total }) => console.log(done / total),
  });
  if (interrupted) throw new Error('interrupted');
  return curveOf(tallies, plan);
}

export async function sweep(): Promise<FinishedPoint[]> {
  using engine = fastCpuEngine({ threads: 1 });
  const parsed = parseSweep({ axes: { 'pre.peak': [0.1, 0.2] } });
  const points: FinishedPoint[] = [];
  for await (const point of runSweep(parsed, { open: async () => engineRunner(engine) })) points.push(point);
  return points;
}

export function file(of: Curve, options: FigureOptions): string {
  return svgText(spikeTimingFigure(of, { ...options, rule: 'rate', msPerStep: spec.msPerStep }));
}

export function code(error: unknown): ErrorCode | undefined {
  return error instanceof EngineError ? error.code : undefined;
}

export function watch(device: GPUDevice): StdpCurve {
  useDevice(device);
  const element = document.createElement('stdp-curve');
  element.addEventListener('stdp-done', (event) => {
    const { curve: done, trials } = (event as CustomEvent<CurveDetail>).detail;
    console.log(done.points.at(-1)?.dwRate?.toFixed(4), trials);
  });
  return element;
}

export async function gpu(): Promise<GPU> {
  const dawn: Dawn = await loadDawn();
  return dawn.gpu;
}

export function lastRound(generator: DigitGenerator, { finished, pixels }: DigitDetail): Float32Array | undefined {
  return finished ? pixels : generator.images.at(-1);
}
