#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EngineError } from '../errors.ts';
import { loadRules } from '../stdp/rule/load-rules.ts';
import { addAdaptersCommand } from './commands/adapters.ts';
import { addBenchCommand } from './commands/bench.ts';
import { addEnergyCommand } from './commands/energy.ts';
import { addFitCommand } from './commands/fit.ts';
import { addGenerativeCommand } from './commands/generative.ts';
import { addLoopCommand } from './commands/loop.ts';
import { addReproduceCommand } from './commands/reproduce.ts';
import { addRunCommand } from './commands/run.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addSweepCommand } from './commands/sweep.ts';
import { addThresholdCommand } from './commands/threshold.ts';

/** Exit statuses (SPEC §5). */
const FAILED = 1;
const BAD_USAGE = 2;
const INTERRUPTED = 130;

const program = new Command('stdp-webgpu')
  .description('Spike-timing-dependent plasticity experiments on WebGPU')
  .version(__PACKAGE_VERSION__)
  .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
  .exitOverride();
addRunCommand(program);
addSweepCommand(program);
addFitCommand(program);
addLoopCommand(program);
addThresholdCommand(program);
addReproduceCommand(program);
addEnergyCommand(program);
addGenerativeCommand(program);
addBenchCommand(program);
addAdaptersCommand(program);
addSchemaCommand(program);

// A reader that left (`| head`), or a terminal that closed, is no reason to lose the work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

try {
  await loadRules();
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** An error of the parser in the form of all others. */
function oneLine(text: string): string {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  return `stdp-webgpu: ${message}; stdp-webgpu --help lists what there is\n`;
}

/** Tells the error, and gives the exit status for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
  const { message, code, stack } = error as Error & { code?: string };
  if (error instanceof EngineError) {
    process.stderr.write(`stdp-webgpu: ${message}\n`);
    if (code === 'aborted') return INTERRUPTED;
    return code === 'invalid-spec' || code === 'invalid-option' || code === 'file' ? BAD_USAGE : FAILED;
  }
  process.stderr.write(`stdp-webgpu: ${message ?? String(error)}\n`);
  if (process.env.STDP_WEBGPU_DEBUG) process.stderr.write(`${stack}\n`);
  return FAILED;
}
