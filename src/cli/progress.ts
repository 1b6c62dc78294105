import { duration } from '../io/duration.ts';
import type { Progress } from '../stdp/simulate.ts';

/**
 * Runs work with a progress bar on stderr: done, rate per second, time left. Without a label, or where
 * stderr is no terminal, there is no bar.
 */
export async function withProgress<T>(
  label: string | undefined,
  work: (onProgress: (progress: Progress) => void) => Promise<T>,
  unit = 'trial-steps',
): Promise<T> {
  if (label === undefined || !process.stderr.isTTY) return work(() => {});
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% | {rate} ${unit}/s | {left} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_grey,
  );
  const started = performance.now();
  bar.start(1, 0, { rate: '–', left: '–' });
  try {
    return await work(({ done, total }) => {
      const seconds = (performance.now() - started) / 1000;
      const rate = done / seconds;
      bar.update(done / total, { rate: rate.toExponential(1), left: duration((total - done) / rate) });
    });
  } finally {
    bar.stop();
  }
}
