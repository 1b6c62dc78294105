import quantaText from '../../../shaders/stdp/rule/rule-quanta.wgsl?raw';
import sumsText from '../../../shaders/stdp/rule/rule-sums.wgsl?raw';
import type { ShaderPiece } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { RHO_FRACTION_BITS } from '../plan.ts';
import { counts, rowBlock, shifts, tallying } from '../shaders.ts';
import { f32Literal } from './operations.ts';
import { LARGEST_QUANTUM, type RulePlan } from './plan-rule.ts';

export const ruleParams = uniformBlock('RuleParams', {
  rows: 'u32',
  steps: 'u32',
  bins: 'u32',
  /** Vectors of four words of counters of a step. */
  stepVectors: 'u32',
  firstRecorded: 'u32',
  recordedSteps: 'u32',
  window: 'u32',
  /** The bin that counts presynaptic spikes, not pairs. */
  noPairsBin: 'u32',
  /** Parameters of the user's rule. */
  parameters: 'u32',
});

/** Numbers of an experiment before the parameters of its rule. */
const RULE_HEAD = 2;

const constants: ShaderPiece = {
  file: 'src/stdp/rule/rule-shaders.ts (constants)',
  text: [
    `const RULE_HEAD = ${RULE_HEAD}u;`,
    `const RHO_UNIT = ${f32Literal(2 ** -RHO_FRACTION_BITS)};`,
    `const LARGEST_QUANTUM = ${f32Literal(LARGEST_QUANTUM)};`,
  ].join('\n'),
};
const parameters: ShaderPiece = { file: 'src/stdp/rule/rule-shaders.ts (parameters)', text: ruleParams.wgsl };
const rows: ShaderPiece = { file: 'src/stdp/rule/rule-shaders.ts (rows)', text: rowBlock.wgsl };

/** Pieces of the kernel that evaluates a rule. */
export function ruleQuantaShader({ wgsl }: RulePlan): readonly ShaderPiece[] {
  const rule = { file: 'src/stdp/rule/emit-wgsl.ts (the rule)', text: wgsl };
  return [
    constants,
    rows,
    parameters,
    shifts,
    counts,
    rule,
    { file: 'shaders/stdp/rule/rule-quanta.wgsl', text: quantaText },
  ];
}

/** Pieces of the kernel that sums what the rule gives. */
export const ruleSumsShader: readonly ShaderPiece[] = [
  ...tallying,
  parameters,
  { file: 'shaders/stdp/rule/rule-sums.wgsl', text: sumsText },
];

/**
 * Parameters of the rules of several experiments as the kernel takes them.
 *
 * @param rules with the unit of ṡ_i of each
 */
export function packRuleParameters(rules: readonly { readonly rule: RulePlan; readonly unit: number }[]) {
  return Float32Array.from(rules.flatMap(({ rule, unit }) => [unit, 2 ** rule.fractionBits, ...rule.parameters]));
}
