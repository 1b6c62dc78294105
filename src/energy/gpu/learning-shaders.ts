import contrastText from '../../../shaders/energy/contrast.wgsl?raw';
import divergenceText from '../../../shaders/energy/divergence.wgsl?raw';
import goalsText from '../../../shaders/energy/goals.wgsl?raw';
import presentText from '../../../shaders/energy/present.wgsl?raw';
import scoreText from '../../../shaders/energy/score.wgsl?raw';
import updateBiasesText from '../../../shaders/energy/update-biases.wgsl?raw';
import updateWeightsText from '../../../shaders/energy/update-weights.wgsl?raw';
import wayText from '../../../shaders/energy/way.wgsl?raw';
import type { ShaderPiece } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { LARGEST_WEIGHT } from '../training/settings.ts';
import { block, constants, energyPiece, layerParams, phaseParams, slotParams } from './shaders.ts';

export const learningParams = uniformBlock('LearningParams', {
  /** What the sum over a batch is multiplied with: the learning rate over the size of the batch. */
  rate: 'f32',
});

const unitKernel = (file: string, text: string): readonly ShaderPiece[] => [
  constants,
  block(layerParams),
  block(phaseParams),
  energyPiece(file, text),
];
const divergence: readonly ShaderPiece[] = [
  { file: 'src/energy/gpu/learning-shaders.ts (constants)', text: `const LARGEST_WEIGHT = ${LARGEST_WEIGHT}f;` },
  energyPiece('divergence.wgsl', divergenceText),
];

export const presentKernel = unitKernel('present.wgsl', presentText);
export const goalsKernel = unitKernel('goals.wgsl', goalsText);
export const scoreKernel = unitKernel('score.wgsl', scoreText);
export const contrastKernel = [block(slotParams), ...unitKernel('contrast.wgsl', contrastText)];
export const wayKernel = unitKernel('way.wgsl', wayText);
export const updateBiasesKernel = [
  block(learningParams),
  ...unitKernel('update-biases.wgsl', updateBiasesText),
  ...divergence,
];
/** A store of products. */
export const updateWeights: readonly ShaderPiece[] = [
  block(phaseParams),
  block(learningParams),
  energyPiece('update-weights.wgsl', updateWeightsText),
  ...divergence,
];
