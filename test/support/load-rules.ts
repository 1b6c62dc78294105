import { loadRules } from '../../src/stdp/rule/load-rules.ts';

await loadRules();
