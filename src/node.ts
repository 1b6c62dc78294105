/// <reference types="@webgpu/types" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

/**
 * What a Node script takes beside the core: WebGPU through Dawn, sweeps that go on after a crash, and a document for the
 * figures. Each loads a package that is installed beside this one only where it is wanted: `webgpu` (and, on a Linux
 * without a Vulkan driver, `@sparticuz/chromium`), `linkedom` with `@observablehq/plot`.
 *
 * @example
 * const dawn = await loadDawn();
 * const context = await GpuContext.create({ gpu: dawn.gpu });
 * const { tallies } = await simulate(gpuEngine(context), planExperiment(parseSpec({})));
 * context.destroy();
 */
export { type Dawn, loadDawn } from './cli/machine/dawn.ts';
export { figureDocument } from './figures/node-document.ts';
export { type FileJournalOptions, openFileJournal } from './io/journal-file.ts';
