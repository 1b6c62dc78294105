import type { Command } from 'commander';
import { EngineError } from '../../errors.ts';
import { type CommonOptions, checkOptions, option } from '../options.ts';
import { openRuntime } from '../runtimes/open.ts';
import { type RuntimeDescription, type RuntimeName, runtimeNames } from '../runtimes/runtime.ts';
import { Reporter, withInterrupts } from '../session.ts';

type AdaptersOptions = Pick<CommonOptions, 'browser' | 'quiet' | 'json'>;

type Finding = RuntimeDescription | { readonly runtime: RuntimeName; readonly unavailable: string };

/** `adapters`: which adapters each runtime offers on this machine. */
export function addAdaptersCommand(program: Command): void {
  program
    .command('adapters')
    .description('list which adapters each runtime offers on this machine')
    .addOption(option.browser())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((options: AdaptersOptions) => withInterrupts((signal) => adapters(options, signal)));
}

async function adapters(options: AdaptersOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const reporter = new Reporter(options);
  const findings: Finding[] = [];
  for (const name of runtimeNames) {
    const finding = await look(name, options);
    if (signal.aborted) throw new EngineError('aborted', 'interrupted');
    findings.push(finding);
    reporter.line(lineOf(finding));
  }
  await reporter.summary({ adapters: findings });
}

async function look(name: RuntimeName, options: Pick<CommonOptions, 'browser'>): Promise<Finding> {
  try {
    const runtime = await openRuntime(name, options);
    await runtime.close();
    return runtime.description;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return { runtime: name, unavailable: error.message };
    throw error;
  }
}

function lineOf(finding: Finding): string {
  const name = finding.runtime.padEnd(7);
  if ('unavailable' in finding) return `${name} not available: ${finding.unavailable}`;
  const { adapter, software, details } = finding;
  const where = [details.browser, details.executable, details.webgpu, details.node].filter(Boolean).join(', ');
  return `${name} ${adapter}${software && finding.runtime !== 'cpu' ? ' (software adapter)' : ''} — ${where}`;
}
