/** What an adapter says about itself, in plain values that can leave the page it was asked in. */
export interface AdapterSummary {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** The runtime itself calls it a fallback, to be used where nothing better is there. */
  readonly isFallbackAdapter: boolean;
}

/** The plain values of an adapter's `info`. */
export function summarize(info: GPUAdapterInfo): AdapterSummary {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  return { vendor, architecture, device, description, isFallbackAdapter: isFallbackAdapter === true };
}

/** Whether an adapter computes on the CPU: SwiftShader, Mesa's lavapipe, or Windows' WARP. */
export function isSoftwareAdapter(adapter: AdapterSummary): boolean {
  const text = `${adapter.architecture} ${adapter.device} ${adapter.description}`;
  return adapter.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i.test(text);
}
