import type { ErrorCode } from '../src/errors.ts';
import type { BenchReport } from './report.ts';
import type { SuiteOptions, SuiteProgress } from './suite.ts';

/** How a benchmark in the page ended. */
export type PageOutcome =
  | { readonly ok: true; readonly report: BenchReport }
  | { readonly ok: false; readonly code: ErrorCode | undefined; readonly message: string };

/** What the page offers the command line. */
export interface PageApi {
  run(options: Pick<SuiteOptions, 'quick' | 'only'>): Promise<PageOutcome>;
}

declare global {
  interface Window {
    stdpBench?: PageApi;
    /** Put there by the command line. */
    stdpBenchProgress?: (progress: SuiteProgress) => void;
  }
}
