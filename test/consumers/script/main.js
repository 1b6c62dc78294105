import { curveOf, EngineError, fastCpuEngine, parseSpec, planExperiment, simulate } from 'stdp-webgpu';
import 'stdp-webgpu/element';
import { figureDocument, loadDawn } from 'stdp-webgpu/node';

const plan = planExperiment(parseSpec({ sequences: 20, trials: 64, seed: 3 }));
const engine = fastCpuEngine();
const { tallies } = await simulate(engine, plan);
engine.close();

/** What this project did not install is asked for by name. */
const missing = [];
for (const load of [loadDawn, figureDocument]) {
  try {
    await load();
  } catch (error) {
    missing.push(error instanceof EngineError ? error.expected : String(error));
  }
}
process.stdout.write(JSON.stringify({ pairs: curveOf(tallies, plan).pairs, missing }));
