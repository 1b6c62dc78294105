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

/** Why a browser that knows WebGPU may give no adapter. */
export const adapterAdvice =
  'the browser may be without a graphics driver that it trusts; in Chrome, the page chrome://gpu tells';

/** What remains for a program. */
export const withoutWebGpu = 'fastCpuEngine() computes the same without it';
