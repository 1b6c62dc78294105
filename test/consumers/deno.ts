// Run by Deno: WebGPU by wgpu and naga, a second implementation beside Chrome's Dawn and Tint.
import {
  checkTallies,
  GpuContext,
  gpuEngine,
  parseSpec,
  planExperiment,
  simulate,
  twinEngine,
} from '../../dist/browser/stdp-webgpu.js';

const context = await GpuContext.create();
const results = [];
for (const pairing of [{}, { scheme: 'all-to-all', coincidence: 'causal' }, { window: 40 }]) {
  const plan = planExperiment(parseSpec({ sequences: 20, trials: 64, seed: 3, pairing }));
  const gpu = await simulate(gpuEngine(context), plan, { rates: true });
  const twin = await simulate(twinEngine(), plan, { rates: true });
  // Integers and big integers, region and rates: all of both, as one text, whatever the order of their names.
  const text = (value: unknown) =>
    JSON.stringify(value, (_, part) => {
      if (ArrayBuffer.isView(part)) return Array.from(part as Int32Array, String);
      return part?.constructor === Object ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)) : part;
    });
  results.push({
    pairs: gpu.tallies.pairs.reduce((sum: number, count: number) => sum + count, 0),
    same: text([gpu.tallies, gpu.rates]) === text([twin.tallies, twin.rates]),
    passed: checkTallies(gpu.tallies, gpu.rates, plan).passed,
  });
}
console.log(JSON.stringify({ adapter: context.adapter.name, results }));
context.destroy();
