import { EngineError } from '../errors.ts';

/** What a runtime is, as far as it says. */
export interface RuntimeFacts {
  readonly isSecureContext?: boolean | undefined;
  readonly Deno?: unknown;
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** Why a runtime has no `navigator.gpu`, and what to do about it, in one phrase. */
export function webGpuAdvice(runtime: RuntimeFacts = globalThis): string {
  if (runtime.Deno !== undefined) return 'Deno has it with the flag --unstable-webgpu';
  if (runtime.process?.versions?.node !== undefined) {
    return 'in Node, loadDawn() of stdp-webgpu/node gives a gpu to pass on';
  }
  if (runtime.isSecureContext === false) return 'browsers give it only to pages from https or localhost';
  return 'Chrome or Edge 113, Safari 26, Firefox 141 and later have it, on most systems';
}

const ADAPTER_ADVICE =
  'the browser may be without a graphics driver that it trusts; in Chrome, the page chrome://gpu tells';

/** What remains for a program. */
const WITHOUT_WEBGPU = 'fastCpuEngine() computes the same without it';

/** The error of a runtime without WebGPU. */
export function noWebGpu(): EngineError {
  const expected = webGpuAdvice();
  return new EngineError('unavailable', `there is no WebGPU here: ${expected}; ${WITHOUT_WEBGPU}`, { expected });
}

/** The error of a runtime that knows WebGPU but gives no adapter. */
export function noAdapter(): EngineError {
  const expected = ADAPTER_ADVICE;
  return new EngineError('unavailable', `WebGPU offers no adapter here: ${expected}; ${WITHOUT_WEBGPU}`, { expected });
}
