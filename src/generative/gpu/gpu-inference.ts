import { type Dispatch, USAGE } from '../../gpu/workspace.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { normalTable } from '../../random/normal.ts';
import type { InferenceSettings } from '../inference-settings.ts';
import { SLOTS } from '../reference/walk.ts';
import { matrixBuffer } from './device-model.ts';
import type { Recorder } from './recorder.ts';
import { inferenceParams, kernels, LANES, noiseParams, rowParams, stores } from './shaders.ts';

/** Variants of INFERENCE. */
export interface GpuInferenceOptions {
  /** Pixels may be missing: {@link GpuInference.visible} says which. */
  readonly masked?: boolean;
  /** The top layer's state is there before the start, in place of what its encoder says. */
  readonly topGiven?: boolean;
  /** Langevin noise (the MCMC variant), for rows addressed from `firstRow`. */
  readonly langevin?: { readonly temperature: number; readonly seed: number; readonly firstRow: number };
}

/**
 * INFERENCE (generative paper, Algorithm 2) for a batch on the device: all its steps are dispatches that follow each
 * other in one submission. What each step computes is in `reference/infer.ts`, whose float64 it is held against.
 */
export class GpuInference {
  readonly recorder: Recorder;
  /** Pixels of the batch, shape [rows][pixels]. */
  readonly pixels: GPUBuffer;
  /** 1 where a pixel is seen, else 0, shape as `pixels`. */
  readonly visible: GPUBuffer | undefined;
  /** h₁ … h_M. */
  readonly state: readonly GPUBuffer[];
  /** g₁(h₁) … g_M(h_M), of the present state: the k-th has the shape of layer k − 1. */
  readonly reconstructions: readonly GPUBuffer[];
  /** The feedforward pass. */
  readonly start: readonly Dispatch[];
  /** The steps, one after another. */
  readonly steps: readonly (readonly Dispatch[])[];

  private constructor(parts: Omit<GpuInference, 'all'>) {
    this.recorder = parts.recorder;
    this.pixels = parts.pixels;
    this.visible = parts.visible;
    this.state = parts.state;
    this.reconstructions = parts.reconstructions;
    this.start = parts.start;
    this.steps = parts.steps;
  }

  /** The whole of it. */
  get all(): readonly Dispatch[] {
    return [...this.start, ...this.steps.flat()];
  }

  /** @throws EngineError `shader`, `out-of-memory`, `device-lost` */
  static async open(
    recorder: Recorder,
    { steps, delta, alpha }: InferenceSettings,
    { masked = false, topGiven = false, langevin }: GpuInferenceOptions = {},
  ): Promise<GpuInference> {
    const { layers } = recorder;
    const latent = Array.from({ length: layers }, (_, k) => k + 1);
    const batch = (name: string, layer: number) =>
      matrixBuffer(recorder.workspace, `${name} ${layer}`, undefined, recorder.rows, recorder.units(layer));
    const pixels = await batch('pixels', 0);
    const visible = masked ? await batch('visible', 0) : undefined;
    const seen = masked ? await batch('seen', 0) : undefined;
    const state = await Promise.all(latent.map((layer) => batch('state', layer)));
    const goals = await Promise.all(latent.map((layer) => batch('goal', layer)));
    const reconstructions = await Promise.all(latent.map((layer) => batch('reconstruction', layer - 1)));
    const encoders = await Promise.all(latent.map((layer) => recorder.encoder(layer)));
    const decoders = await Promise.all(latent.map((layer) => recorder.decoder(layer)));
    const copy = await recorder.elementwise('copy', 1);
    const seeThrough = await recorder.elementwise('seeThrough', 0);
    const params = await recorder.uniform(inferenceParams.pack({ delta, alpha }));
    const updates = await Promise.all(latent.map(updateOf));
    const noise = await noiseOf();

    const below = (layer: number) => (layer === 1 ? pixels : state[layer - 2]!);
    const decode = (layer: number) => decoders[layer - 1]!(state[layer - 1]!, reconstructions[layer - 1]!);
    const start: Dispatch[] = [
      encoders[0]!(pixels, goals[0]!),
      copy(goals[0]!, state[0]!),
      ...latent
        .slice(1, topGiven ? -1 : undefined)
        .map((layer) => encoders[layer - 1]!(below(layer), state[layer - 1]!)),
      ...latent.map(decode),
    ];
    const oneStep = (step: number) =>
      latent
        .toReversed()
        .flatMap((layer) => [
          ...(layer > 1 ? [encoders[layer - 1]!(below(layer), goals[layer - 1]!)] : goalOfMissing()),
          updates[layer - 1]!,
          ...(noise ? [noise[step - 1]![layer - 1]!] : []),
          decode(layer),
        ]);
    return new GpuInference({
      recorder,
      pixels,
      visible,
      state,
      reconstructions,
      start,
      steps: Array.from({ length: steps }, (_, index) => oneStep(index + 1)),
    });

    /** h_k ← …, fused into the product f_k(g_k(h_k)). */
    async function updateOf(layer: number): Promise<Dispatch> {
      const map = recorder.device.encoders[layer - 1]!;
      const { pieces, switches } = recorder.activity(layer);
      const product = await recorder.product(map, {
        pieces: [...pieces, ...stores.inference],
        switches: { ...switches, ABOVE: layer < layers, LANGEVIN: langevin !== undefined },
      });
      const k = layer - 1;
      const above = layer < layers ? [reconstructions[layer]!] : [];
      return product.dispatch(reconstructions[k]!, map.weights, state[k]!, map.biases, params, goals[k]!, ...above);
    }

    function goalOfMissing(): Dispatch[] {
      if (!visible || !seen) return [];
      return [seeThrough(pixels, visible, reconstructions[0]!, seen), encoders[0]!(seen, goals[0]!)];
    }

    /** Noise of each step on each layer. */
    async function noiseOf(): Promise<Dispatch[][] | undefined> {
      if (!langevin) return undefined;
      const { workspace, rows } = recorder;
      const table = await workspace.buffer('normal table', USAGE.table, normalTable());
      const dispatchOf = async (layer: number, step: number): Promise<Dispatch> => {
        const { pieces, switches } = recorder.activity(layer);
        const pipeline = await workspace.pipeline('Langevin noise', [...pieces, ...kernels.langevin], {
          switches: { ...switches, SLOW_SHIFTS: workspace.context.adapter.software },
        });
        const values = noiseParams.pack({
          seed: langevin.seed,
          purpose: NETWORK_PURPOSE.langevin,
          rows,
          units: recorder.units(layer),
          firstRow: langevin.firstRow,
          outputRow: 0,
          time: step * SLOTS + layer,
          spikes: 0,
          size: Math.sqrt(2 * delta * langevin.temperature),
        });
        const bindings = workspace.bind(pipeline, [await recorder.uniform(values), table, state[layer - 1]!]);
        return workspace.threads(pipeline, bindings, rows * recorder.vectors(layer), LANES);
      };
      return Promise.all(
        Array.from({ length: steps }, (_, step) => Promise.all(latent.map((layer) => dispatchOf(layer, step + 1)))),
      );
    }
  }
}

/**
 * Dispatches that write log p(x, h) of the present state of an inference into a buffer, shape [times][rows]; see
 * `reference/joint.ts`.
 *
 * @param time which row of `sums`
 */
export async function jointDispatches(
  { recorder, pixels, state, reconstructions }: GpuInference,
  sums: GPUBuffer,
  time: number,
): Promise<Dispatch[]> {
  const { workspace, rows } = recorder;
  return Promise.all(
    reconstructions.map(async (predicted, k) => {
      const pipeline = await workspace.pipeline('log p(x, h)', kernels.joint, { switches: { FIRST: k === 0 } });
      const params = rowParams.pack({ rows, vectors: recorder.vectors(k), first: time * rows });
      const below = k === 0 ? pixels : state[k - 1]!;
      return {
        pipeline,
        bindings: workspace.bind(pipeline, [await recorder.uniform(params), below, predicted, sums]),
        x: rows,
        y: 1,
      };
    }),
  );
}
