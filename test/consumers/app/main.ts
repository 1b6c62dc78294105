import { curveOf, fastCpuEngine, GpuContext, gpuEngine, parseSpec, planExperiment, simulate } from 'stdp-webgpu';
import 'stdp-webgpu/element';

// The README's ten lines, on the GPU and on the CPU.
const plan = planExperiment(parseSpec({ sequences: 20, trials: 64, seed: 3 }));
const context = await GpuContext.create();
const onGpu = await simulate(gpuEngine(context), plan);
const cpu = fastCpuEngine();
const onCpu = await simulate(cpu, plan);
const pairs = [onGpu, onCpu].map(({ tallies }) => curveOf(tallies, plan).pairs);
document.body.dataset.pairs = pairs.join(' ');
cpu.close();
context.destroy();
