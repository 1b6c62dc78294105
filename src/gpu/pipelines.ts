import { EngineError } from '../errors.ts';
import { preprocess, type ShaderPiece, type ShaderSource, type ShaderSwitches } from './source.ts';

/** A compute pipeline to be compiled. */
export interface PipelineRequest {
  readonly label: string;
  readonly pieces: readonly ShaderPiece[];
  /** Default `main`. */
  readonly entryPoint?: string;
  readonly switches?: ShaderSwitches;
  /** Values of pipeline-override constants. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Compiles each pipeline once; requests for one that is being compiled share it. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws EngineError `shader` with file, line and source line of every compile error. */
  get(request: PipelineRequest): Promise<GPUComputePipeline> {
    const source = preprocess(request.pieces, request.switches);
    const constants = Object.entries(request.constants ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([source.code, request.entryPoint, constants]);
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(request, source);
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(request: PipelineRequest, source: ShaderSource): Promise<GPUComputePipeline> {
    const device = this.#device;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: request.label, code: source.code });
    const [scopeError, { messages }] = await Promise.all([device.popErrorScope(), module.getCompilationInfo()]);
    const errors = messages.filter(({ type }) => type === 'error');
    if (errors.length > 0 || scopeError) {
      const lines = errors.map((message) => describe(message, source));
      throw new EngineError(
        'shader',
        [`${request.label} does not compile`, ...(lines.length > 0 ? lines : [scopeError!.message])].join('\n'),
      );
    }
    try {
      return await device.createComputePipelineAsync({
        label: request.label,
        layout: 'auto',
        compute: { module, entryPoint: request.entryPoint ?? 'main', constants: { ...request.constants } },
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError('shader', `${request.label} makes no pipeline: ${message}`, { cause });
    }
  }
}

function describe(message: GPUCompilationMessage, source: ShaderSource): string {
  const origin = source.origin(message.lineNum);
  if (!origin) return message.message;
  return `${origin.file}:${origin.line}:${message.linePos}: ${message.message}\n    ${origin.text.trim()}`;
}
