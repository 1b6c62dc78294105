import { duration } from '../io/duration.ts';
import type { SweepProgress } from '../stdp/sweep/run-sweep.ts';

/**
 * Runs a sweep with a progress bar on stderr: points done, rate in trial-steps per second, time left. Without a label, or
 * where stderr is no terminal, there is no bar.
 */
export async function withSweepProgress<T>(
  label: string | undefined,
  work: (onProgress: (progress: SweepProgress) => void) => Promise<T>,
): Promise<T> {
  if (label === undefined || !process.stderr.isTTY) return work(() => {});
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    {
      format: `${label} {bar} {value}/{total} | {rate} trial-steps/s | {left} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_grey,
  );
  bar.start(1, 0, { rate: '–', left: '–' });
  try {
    return await work(({ points, trialStepsPerSecond, secondsLeft }) => {
      bar.setTotal(points.total);
      bar.update(points.done, {
        rate: trialStepsPerSecond.toExponential(1),
        left: secondsLeft === undefined ? '–' : duration(secondsLeft),
      });
    });
  } finally {
    bar.stop();
  }
}
