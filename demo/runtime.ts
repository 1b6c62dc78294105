import { type Engine, EngineError, type ExperimentSpec, GpuContext, gpuEngine, twinEngine } from '../src/index.ts';

/** What computes the page's experiments. */
export interface Runtime {
  readonly kind: 'gpu' | 'cpu';
  readonly engine: Engine;
  /** For people. */
  readonly name: string;
  /** Why this is not the GPU; empty if it is. */
  readonly reason: string;
  /** Settles with the reason when the device is lost; never on the CPU. */
  readonly lost: Promise<string>;
}

/** `gpu` or `cpu` out of `?runtime=`; the GPU by default. @throws EngineError for anything else. */
export function wantedRuntime(query: string): 'gpu' | 'cpu' {
  const text = new URLSearchParams(query).get('runtime') ?? 'gpu';
  if (text === 'gpu' || text === 'cpu') return text;
  const expected = '"gpu" or "cpu"';
  throw new EngineError('invalid-option', `runtime: ${JSON.stringify(text)} is not allowed; expected ${expected}`, {
    path: 'runtime',
    value: text,
    expected,
  });
}

/** The GPU, or the TypeScript twin where there is none. */
export async function openRuntime(wanted: 'gpu' | 'cpu'): Promise<Runtime> {
  if (wanted === 'cpu') return cpuRuntime('The address of this page asks for the CPU.');
  try {
    const context = await GpuContext.create();
    const { name, software } = context.adapter;
    return {
      kind: 'gpu',
      engine: gpuEngine(context),
      name: software ? `${name} (software adapter, on the CPU)` : name,
      reason: '',
      lost: context.device.lost.then(({ message }) => {
        context.destroy();
        return message;
      }),
    };
  } catch (error) {
    const detail = error instanceof EngineError ? '' : ` (${error instanceof Error ? error.message : String(error)})`;
    return cpuRuntime(`This browser gives the page no WebGPU device${detail}.`);
  }
}

/** The TypeScript twin. @param reason a sentence: why not the GPU. */
export function cpuRuntime(reason: string): Runtime {
  const lost = new Promise<string>(() => {});
  return { kind: 'cpu', engine: twinEngine(), name: 'CPU, one thread of TypeScript', reason, lost };
}

/** Size of an experiment that the twin finishes in about a second. */
const REDUCED = { sequences: 250, steps: 160, trials: 200 } as const;

/** The experiment's first sequences and trials: the same spikes as in the whole of it. */
export function reducedSpec(spec: ExperimentSpec): ExperimentSpec {
  const most = Math.max(1, Math.floor((REDUCED.sequences * REDUCED.steps) / spec.steps));
  const sequences = Math.min(spec.sequences, REDUCED.sequences, most);
  const neuron = (of: ExperimentSpec['pre']) =>
    of.drive.type === 'table' ? { ...of, drive: { ...of.drive, values: of.drive.values.slice(0, sequences) } } : of;
  return {
    ...spec,
    sequences,
    trials: Math.min(spec.trials, REDUCED.trials),
    pre: neuron(spec.pre),
    post: neuron(spec.post),
  };
}
