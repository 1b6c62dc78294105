import type { Command } from 'commander';
import { addGenerativeExportCommand } from './generative-export.ts';
import { addGenerativeLikelihoodCommand } from './generative-likelihood.ts';
import { addGenerativePictureCommands } from './generative-pictures.ts';
import { addGenerativeTrainCommand } from './generative-train.ts';

/** `generative …`: the generative model. */
export function addGenerativeCommand(program: Command): void {
  const generative = program
    .command('generative')
    .description('the generative model: variational EM with difference target propagation');
  addGenerativeTrainCommand(generative);
  addGenerativeLikelihoodCommand(generative);
  addGenerativePictureCommands(generative);
  addGenerativeExportCommand(generative);
}
