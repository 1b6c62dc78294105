import operandsText from '../../shaders/matrix/operands.wgsl?raw';
import registerProductText from '../../shaders/matrix/register-product.wgsl?raw';
import storeText from '../../shaders/matrix/store.wgsl?raw';
import tileProductText from '../../shaders/matrix/tile-product.wgsl?raw';
import type { ShaderPiece } from '../gpu/source.ts';
import { uniformBlock } from '../gpu/uniforms.ts';

/** Parameters of a product; "vectors" are the vectors of four in a row of the matrix as it is stored. */
export const productParams = uniformBlock('ProductParams', {
  rows: 'u32',
  columns: 'u32',
  inner: 'u32',
  leftVectors: 'u32',
  rightVectors: 'u32',
  resultVectors: 'u32',
  scale: 'f32',
  keep: 'f32',
});

const piece = (file: string, text: string): ShaderPiece => ({ file: `shaders/matrix/${file}`, text });

/** What every product begins with. */
export const operands: readonly ShaderPiece[] = [
  { file: 'src/matrix/shaders.ts (parameters)', text: productParams.wgsl },
  piece('operands.wgsl', operandsText),
];
export const plainStore = piece('store.wgsl', storeText);
export const registerProduct = piece('register-product.wgsl', registerProductText);
export const tileProduct = piece('tile-product.wgsl', tileProductText);
