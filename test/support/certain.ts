/** A neuron that spikes for certain at some steps of each sequence and never at others. */
export function certain(spikes: readonly (readonly number[])[], steps: number) {
  const values = spikes.map((times) => {
    const atTimes = new Set(times);
    return Array.from({ length: steps + 1 }, (_, t) => (atTimes.has(t) ? 1 : -1));
  });
  return { drive: { type: 'table', values }, peak: 1 };
}
