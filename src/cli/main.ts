#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EngineError } from '../errors.ts';
import { addAdaptersCommand } from './commands/adapters.ts';
import { addReproduceCommand } from './commands/reproduce.ts';
import { addRunCommand } from './commands/run.ts';
import { addSchemaCommand } from './commands/schema.ts';

/** Exit statuses (SPEC §5). */
const FAILED = 1;
const BAD_USAGE = 2;
const INTERRUPTED = 130;

const program = new Command('stdp-webgpu')
  .description('Spike-timing-dependent plasticity experiments on WebGPU')
  .version(__PACKAGE_VERSION__)
  .showHelpAfterError('(stdp-webgpu --help shows what there is)')
  .exitOverride();
addRunCommand(program);
addReproduceCommand(program);
addAdaptersCommand(program);
addSchemaCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
