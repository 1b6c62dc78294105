import type { Command } from 'commander';
import { addEnergyCheckCommand } from './energy-check.ts';

/** `energy …`: energy-based networks. */
export function addEnergyCommand(program: Command): void {
  const energy = program.command('energy').description('energy-based networks whose early inference back-propagates');
  addEnergyCheckCommand(energy);
}
