import type { Score } from '../energy/training/trainer.ts';
import { duration } from '../io/duration.ts';
import type { Reporter } from './session.ts';

/**
 * Runs a pass over examples with a progress bar on stderr: share done, errors so far, rate, time left. Where stderr is no
 * terminal, there is no bar.
 */
export async function withScores<T>(
  reporter: Reporter,
  label: string,
  total: number,
  work: (onProgress: (score: Score) => void) => Promise<T>,
): Promise<T> {
  if (reporter.quiet || !process.stderr.isTTY) return work(() => {});
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% | {error} % wrong | {rate} images/s | {left} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_grey,
  );
  const started = performance.now();
  bar.start(total, 0, { error: '–', rate: '–', left: '–' });
  try {
    return await work(({ examples, errors }) => {
      const rate = examples / ((performance.now() - started) / 1000);
      const error = ((100 * errors) / examples).toFixed(2);
      bar.update(examples, { error, rate: rate.toFixed(0), left: duration((total - examples) / rate) });
    });
  } finally {
    bar.stop();
  }
}
