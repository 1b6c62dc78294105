import type { LearningRule } from '../../src/energy/training/settings.ts';
import type { EpochErrors } from '../../src/figures/training-error.ts';

/** What the page asks of the worker. */
export type Request =
  | { readonly type: 'train'; readonly files: readonly File[]; readonly rule: LearningRule }
  | { readonly type: 'stop' };

/** What the worker tells the page. */
export type Reply =
  /** Where it computes. */
  | { readonly type: 'started'; readonly adapter: string; readonly examples: number }
  | { readonly type: 'progress'; readonly epoch: number; readonly share: number; readonly error: number }
  | { readonly type: 'epoch'; readonly errors: EpochErrors; readonly seconds: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'refused'; readonly message: string };
