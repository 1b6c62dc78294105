/** What takes long: computing, and compiling. */
const SLOW = [
  ['GPUQueue', 'onSubmittedWorkDone'],
  ['GPUBuffer', 'mapAsync'],
  ['GPUDevice', 'createComputePipelineAsync'],
] as const;

/** A rest is so much of the time that was waited before, so that nobody waits much longer than without. */
const SHARE = 0.1;
const LONGEST_MS = 2;

const resting = new WeakSet<object>();

/**
 * Lets this thread rest while Dawn computes. Its binding for Node asks whether something is done as fast as the event
 * loop turns; where the adapter computes on the same cores, that takes one of them from it.
 *
 * @param classes Dawn's, whose methods are replaced by ones that rest; once is enough.
 */
export function restWhileWaiting(classes: object): void {
  if (resting.has(classes)) return;
  resting.add(classes);
  const bell = new Int32Array(new SharedArrayBuffer(4));
  let waiting = 0;
  let running = false;
  let since = 0;
  const rest = () => {
    running = waiting > 0;
    if (!running) return;
    Atomics.wait(bell, 0, 0, Math.min(LONGEST_MS, SHARE * (performance.now() - since)));
    // Dawn keeps the event loop going while it has work; a promise that is never settled must not.
    setImmediate(rest).unref();
  };
  const settled = () => {
    waiting--;
    since = performance.now();
  };
  for (const [type, method] of SLOW) {
    const { prototype } = (classes as Record<string, { prototype: Record<string, unknown> }>)[type]!;
    const original = prototype[method] as (...args: unknown[]) => Promise<unknown>;
    prototype[method] = function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      waiting++;
      since = performance.now();
      result.then(settled, settled);
      if (!running) {
        running = true;
        setImmediate(rest).unref();
      }
      return result;
    };
  }
}
