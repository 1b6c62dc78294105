import heldText from '../../shaders/stdp/held-planes.wgsl?raw';
import text from '../../shaders/stdp/planes-texture.wgsl?raw';
import { uniformBlock } from '../gpu/uniforms.ts';
import { USAGE, type Workspace } from '../gpu/workspace.ts';
import { PLANES } from './probability.ts';
import { block, piece } from './shaders.ts';

/** Parameters of the copy. */
export const planesParams = uniformBlock('PlanesParams', {
  rows: 'u32',
  /** Vectors of four words of one neuron of a row. */
  vectors: 'u32',
});

/** The pieces of the kernel that copies. */
export const planesKernel = [block(planesParams), piece('stdp/planes-texture.wgsl', text)];

/** What trials of short trains keep of the planes. */
export const heldPlanes = piece('stdp/held-planes.wgsl', heldText);
/** Words of the longest ones. */
const HELD_WORDS = 5;

// As the WebGPU standard numbers them: see `USAGE`.
const TEXTURE_BINDING = 0x04;
const STORAGE_BINDING = 0x08;

const WORKGROUP_SIZE = 64;
/** Words of a vector. */
const LANES = 4;

/** The bit planes as trials of a CPU adapter read them. */
export interface PlanesTexture {
  readonly texture: GPUTexture;
  /** Whether trials hold the planes ({@link heldPlanes}). */
  readonly held: boolean;
}

/**
 * The bit planes as a texture, a line for each row: those of the presynaptic neuron, then the postsynaptic one's.
 *
 * @param words of a train
 * @returns `undefined` where they do not fit into a texture of the device
 */
export async function planesTexture(
  workspace: Workspace,
  planes: GPUBuffer,
  rows: number,
  words: number,
): Promise<PlanesTexture | undefined> {
  const vectors = (words * PLANES) / LANES;
  const { context } = workspace;
  if (Math.max(rows, 2 * vectors) > context.device.limits.maxTextureDimension2D) return undefined;
  const descriptor: GPUTextureDescriptor = {
    label: 'probability planes',
    size: [2 * vectors, rows],
    format: 'rgba32uint',
    usage: TEXTURE_BINDING | STORAGE_BINDING,
  };
  const [params, texture, pipeline] = await Promise.all([
    workspace.buffer('planes parameters', USAGE.uniform, planesParams.pack({ rows, vectors })),
    workspace.texture(descriptor),
    workspace.pipeline('planes to a texture', planesKernel),
  ]);
  await workspace.dispatchThreads(pipeline, workspace.bind(pipeline, [params, planes, texture]), rows, WORKGROUP_SIZE);
  return { texture, held: words <= HELD_WORDS };
}
