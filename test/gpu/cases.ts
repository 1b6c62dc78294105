import { GpuContext } from '../../src/gpu/context.ts';
import { arithmeticCases } from './arithmetic-cases.ts';
import { assert, type GpuCase } from './case.ts';
import { closedLoopCases } from './closed-loop-cases.ts';
import { deviceCases } from './device-cases.ts';
import { energyCases } from './energy-cases.ts';
import { generativeCases } from './generative-cases.ts';
import { matrixCases } from './matrix-cases.ts';
import { readbackCases } from './readback-cases.ts';
import { ruleCases } from './rule-cases.ts';
import { shaderCases } from './shader-cases.ts';
import { simulationCases } from './simulation-cases.ts';
import { trainingCases } from './training-cases.ts';

/** Every statement about the GPU side; each runs in Node on Dawn and in a browser. */
export const gpuCases: readonly GpuCase[] = [
  ...arithmeticCases,
  ...readbackCases,
  ...shaderCases,
  ...deviceCases,
  ...simulationCases,
  ...ruleCases,
  ...closedLoopCases,
  ...matrixCases,
  ...energyCases,
  ...trainingCases,
  ...generativeCases,
];

/** Runs cases one after another on a device that they share. */
export interface CaseRunner {
  /** @throws Error where the case fails, or where it makes an error that nobody handles. */
  run(name: string): Promise<void>;
  close(): void;
}

export async function openCaseRunner(gpu: GPU): Promise<CaseRunner> {
  const context = await GpuContext.create({ gpu });
  const uncaptured: string[] = [];
  context.device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
  return {
    async run(name) {
      const found = gpuCases.find((candidate) => candidate.name === name);
      assert(found !== undefined, `no case is named ${name}`);
      await found.run(context, gpu);
      await context.idle();
      assert(uncaptured.length === 0, `errors of the device that nobody caught: ${uncaptured.splice(0).join('; ')}`);
    },
    close: () => context.destroy(),
  };
}
