/// <reference types="@webgpu/types" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Registers `<stdp-curve>`, `<stdp-agreement>`, `<stdp-trace>` and `<digit-generator>`; importing this is all that a page does to have them.
 *
 * @example
 * import 'stdp-webgpu/element';
 */
import { StdpAgreement } from './agreement-element.ts';
import { StdpCurve } from './curve-element.ts';
import { DigitGenerator } from './digit-element.ts';
import { StdpTrace } from './trace-element.ts';

export type { AgreementDetail } from './agreement-element.ts';
export { attributesOf } from './attributes.ts';
export type { CurveDetail } from './curve-element.ts';
export type { DigitDetail } from './digit-element.ts';
export { useDevice } from './shared-runtimes.ts';
export type { TraceDetail } from './trace-element.ts';
export { DigitGenerator, StdpAgreement, StdpCurve, StdpTrace };

declare global {
  interface HTMLElementTagNameMap {
    'digit-generator': DigitGenerator;
    'stdp-agreement': StdpAgreement;
    'stdp-curve': StdpCurve;
    'stdp-trace': StdpTrace;
  }
}

const elements = {
  'digit-generator': DigitGenerator,
  'stdp-agreement': StdpAgreement,
  'stdp-curve': StdpCurve,
  'stdp-trace': StdpTrace,
};
for (const [name, element] of Object.entries(elements)) {
  // Two copies of this module in one page are no error; nor is a runtime without elements, as Node.
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
}
