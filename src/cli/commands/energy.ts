import type { Command } from 'commander';
import { addEnergyCheckCommand } from './energy-check.ts';
import { addEnergyEvalCommand } from './energy-eval.ts';
import { addEnergyTrainCommand } from './energy-train.ts';

/** `energy …`: energy-based networks. */
export function addEnergyCommand(program: Command): void {
  const energy = program.command('energy').description('energy-based networks whose early inference back-propagates');
  addEnergyCheckCommand(energy);
  addEnergyTrainCommand(energy);
  addEnergyEvalCommand(energy);
}
