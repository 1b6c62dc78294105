import { type Command, Option } from 'commander';
import type { Check } from '../../energy/checks/check.ts';
import type { NetworkAgreement } from '../../energy/checks/energy-check.ts';
import { EngineError } from '../../errors.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { Reporter } from '../session.ts';

interface EnergyCheckOptions extends Pick<CommonOptions, 'seed' | 'quiet' | 'json'> {
  readonly sizes: readonly number[];
  readonly dump?: string;
}

/** Layers that a check takes, and units of one, at most: what float64 on one thread does in a minute. */
const MOST_LAYERS = 8;
const MOST_UNITS = 2000;

/** `energy check`: the science of energy-based networks as a table with verdicts. */
export function addEnergyCheckCommand(energy: Command): void {
  energy
    .command('check')
    .description('check fixed points, sampling, score matching and early inference as back-propagation, in float64')
    .addOption(
      new Option('--sizes <units>', 'units of each layer, input to output, with commas between them')
        .argParser(sizesOption)
        .default([784, 500, 10], '784,500,10'),
    )
    .addOption(option.seed())
    .addOption(new Option('--dump <folder>', 'write weights, states, gradients and updates as .npy files'))
    .addOption(option.quiet())
    .addOption(option.json())
    .action(check);
}

async function check(options: EnergyCheckOptions): Promise<void> {
  await checkOptions(options);
  const { sizes, seed = 1, dump } = options;
  if (dump === '') throw badOption('--dump', dump, 'the path of a folder');
  if (dump !== undefined) await requireWritable('--dump', dump);
  const { checkEnergyNetworks } = await import('../../energy/checks/energy-check.ts');
  const reporter = new Reporter(options);
  const started = performance.now();
  const onChecks = (checks: readonly Check[]) => {
    for (const found of checks) reporter.line(checkLine(found));
  };
  const { report, measured } = checkEnergyNetworks({ sizes, seed, onChecks });
  for (const line of cosineLines(report.cosines)) reporter.line(line);
  if (dump !== undefined) {
    const { writeEnergyDump } = await import('../write-energy-dump.ts');
    await writeEnergyDump(dump, measured, { seed, weights: 'initial' });
    reporter.line(`weights, states, gradients and updates written to ${dump}`);
  }
  await reporter.summary(report);
  const failed = report.checks.filter(({ pass }) => !pass);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  reporter.line(`${report.checks.length - failed.length} of ${report.checks.length} checks passed in ${seconds} s`);
  if (failed.length > 0) {
    throw new EngineError('check-failed', `not as the theory says: ${failed.map(({ name }) => name).join('; ')}`);
  }
}

function checkLine({ name, value, target, pass }: Check): string {
  return `${pass ? 'ok  ' : 'FAIL'} ${name}: ${text(value)} (${target})`;
}

/** The whole table of cosines, totals only, for the networks that were asked for and for the depths. */
function cosineLines(cosines: readonly NetworkAgreement[]): string[] {
  const totals = cosines.filter(({ layer, sides }) => layer === 'total' && sides !== 'away');
  return [
    'update of a nudged phase against −dC/dW, all layers: network, weights, β, sides, noise, steps: cosine, right signs, relative distance',
    ...totals.map(({ sizes, weights, nudge, sides, noise, steps, settled, cosine, sign, relative }) => {
      const how = `β ${nudge} ${sides === 'both' ? 'both sides' : 'one side'}${noise > 0 ? `, noise ${noise}` : ''}`;
      const when = `${steps} steps${settled ? ' (settled)' : ''}`;
      return `  ${sizes.join('-')} ${weights}, ${how}, ${when}: ${text(cosine)}, ${text(sign)}, ${text(relative)}`;
    }),
  ];
}

function text(value: number | null): string {
  return value === null ? 'no motion' : `${Number(value.toPrecision(5))}`;
}

function sizesOption(value: string): number[] {
  const expected = `2 to ${MOST_LAYERS} integers from 1 to ${MOST_UNITS}, such as 784,500,10`;
  const sizes = value.split(',').map((size) => (/^\d+$/.test(size) ? Number(size) : 0));
  const allowed = sizes.every((size) => size >= 1 && size <= MOST_UNITS);
  if (allowed && sizes.length >= 2 && sizes.length <= MOST_LAYERS) return sizes;
  throw badOption('--sizes', value, expected);
}
