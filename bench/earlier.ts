import type { BenchReport } from './report.ts';

/** Reports of earlier machines: the files of `bench/results` that `bench` wrote of experiments, in the order of their names. */
export const earlierReports: readonly BenchReport[] = Object.entries(
  import.meta.glob<BenchReport>('./results/*.json', { eager: true, import: 'default' }),
)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, report]) => report)
  .filter((report) => Array.isArray(report.results) && report.results.length > 0);

/** What a machine is called in a chart. */
export function machineName({ adapter, browser, runtime, cores, software }: BenchReport): string {
  const where = software ? `${adapter}, ${cores} cores` : adapter;
  return `${where} (${browser?.replace(/^Headless/, '').replace('/', ' ') ?? runtime})`;
}
