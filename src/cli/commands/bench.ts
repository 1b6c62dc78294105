import { type Command, Option } from 'commander';
import type { BenchReport } from '../../../bench/report.ts';
import type { SuiteOptions, SuiteProgress } from '../../../bench/suite.ts';
import { EngineError } from '../../errors.ts';
import { type CommonOptions, checkOptions, option } from '../options.ts';
import type { RuntimeName } from '../runtimes/runtime.ts';
import { Reporter, withInterrupts } from '../session.ts';

interface BenchOptions extends Pick<CommonOptions, 'runtime' | 'browser' | 'headed' | 'quiet' | 'json'> {
  readonly quick?: boolean;
  readonly only?: readonly string[];
}

/** `bench`: the benchmark suite. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('measure the speed beside baselines; every result is checked against the closed form')
    .addOption(new Option('--quick', 'small sizes and few repetitions: within a minute on two cores'))
    .addOption(
      new Option('--only <names>', 'only these results, with commas between them').argParser((text: string) =>
        text.split(','),
      ),
    )
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((options: BenchOptions) => withInterrupts((signal) => bench(options, signal)));
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const { matrixComparisons, matrixLine } = await import('../../../bench/matrix.ts');
  const { cells, columns, comparisons, leftOutLine, line } = await import('../../../bench/table.ts');
  const reporter = new Reporter(options);
  let headed = false;
  const onProgress = ({ results, leftOut, matrix }: SuiteProgress) => {
    if (!headed && results.length > 0) reporter.line(line(columns));
    headed ||= results.length > 0;
    for (const result of results) reporter.line(line(cells(result)));
    for (const result of matrix) reporter.line(matrixLine(result));
    for (const left of leftOut) reporter.line(leftOutLine(left));
  };
  const { quick = false, only } = options;
  const report = await measure(options, { quick, ...(only ? { only } : {}), signal, onProgress }, reporter);
  if (report.results.some(({ steady }) => !steady)) reporter.line('* the median is not steady yet');
  const { adapter, software, browser, cores } = report;
  reporter.line(`${adapter}${software ? ' (on the CPU)' : ''}, ${browser}, ${cores} cores`);
  for (const sentence of [...comparisons(report), ...matrixComparisons(report.matrix ?? [])]) reporter.line(sentence);
  await reporter.summary(report);
  const wrong = [...report.results, ...(report.matrix ?? [])].filter(({ correct }) => !correct).map(({ name }) => name);
  if (wrong.length > 0) {
    throw new EngineError('check-failed', `the closed form disagrees with the results of ${wrong.join(', ')}`);
  }
}

/** On the runtime that was asked for, or on the first of Chrome, Node and the CPU that is there. */
async function measure(options: BenchOptions, suite: SuiteOptions, reporter: Reporter): Promise<BenchReport> {
  const { runtime, browser, headed } = options;
  const asked = runtime ?? (browser !== undefined || headed ? 'chrome' : undefined);
  const candidates: readonly RuntimeName[] = asked ? [asked] : ['chrome', 'node', 'cpu'];
  for (const name of candidates.slice(0, -1)) {
    try {
      return await measureOn(name, options, suite);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unavailable') throw error;
      reporter.line(`runtime ${name} is passed over: ${error.message}`);
    }
  }
  return measureOn(candidates.at(-1)!, options, suite);
}

async function measureOn(name: RuntimeName, options: BenchOptions, suite: SuiteOptions): Promise<BenchReport> {
  if (name === 'chrome') return (await import('../../../bench/in-chrome.ts')).benchInChrome(suite, options);
  const { benchOnCpu, benchOnDawn } = await import('../../../bench/in-node.ts');
  return name === 'node' ? benchOnDawn(suite) : benchOnCpu(suite);
}
