// Counts of more trials than the counters and the short sums of the usual kernels hold. Loaded where there are so many.
import wideProductsText from '../../shaders/arithmetic/wide-product-sums.wgsl?raw';
import text from '../../shaders/stdp/counts-fold.wgsl?raw';
import { uniformBlock } from '../gpu/uniforms.ts';
import { USAGE, type Workspace } from '../gpu/workspace.ts';
import { block, piece } from './shaders.ts';

export const countsFoldParams = uniformBlock('CountsFoldParams', {
  /** Vectors of four words of counters. */
  vectors: 'u32',
});

export const countsFoldKernel = [block(countsFoldParams), piece('stdp/counts-fold.wgsl', text)];

/** Sums of products with any counts. */
export const wideProductSums = piece('arithmetic/wide-product-sums.wgsl', wideProductsText);

const WORKGROUP_SIZE = 64;

/** Counts in words of their own. */
export interface Fold {
  /** Shape [vectors][2][4]: counts of lower halves, then of upper halves. */
  readonly folded: GPUBuffer;
  /** Adds the counters to these and clears them; submitted at once. */
  run(): Promise<void>;
}

export async function openFold(workspace: Workspace, counters: GPUBuffer, vectors: number): Promise<Fold> {
  const [params, folded, pipeline] = await Promise.all([
    workspace.buffer('fold parameters', USAGE.uniform, countsFoldParams.pack({ vectors })),
    workspace.buffer('folded counts', USAGE.storage, vectors * 32),
    workspace.pipeline('fold counts', countsFoldKernel),
  ]);
  const bindings = workspace.bind(pipeline, [params, counters, folded]);
  return { folded, run: () => workspace.dispatchThreads(pipeline, bindings, vectors, WORKGROUP_SIZE) };
}
