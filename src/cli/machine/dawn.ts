import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { EngineError } from '../../errors.ts';
import { optionalPackage } from '../../optional-package.ts';
import { type AdapterSummary, isSoftwareAdapter, summarize } from './adapters.ts';
import { bundledVulkan } from './bundled.ts';
import { hardwareVulkanDrivers, hasGpuDevice } from './gpu-devices.ts';
import { restWhileWaiting } from './rest-while-waiting.ts';

/** WebGPU in this process. */
export interface Dawn {
  readonly gpu: GPU;
  readonly adapter: AdapterSummary;
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
}

/**
 * WebGPU without a browser: Dawn, from npm's `webgpu`, on the machine's GPU if it has one that works, else on SwiftShader.
 * On Linux the environment variables `VK_DRIVER_FILES` and `VK_ICD_FILENAMES` decide instead if they are set. Puts
 * `GPUBufferUsage` and the other globals of WebGPU in place if they are not there. Node exits by itself once every device
 * of it is destroyed. For the main thread: what a worker thread writes into its environment stays hidden from the Vulkan
 * loader.
 *
 * @throws EngineError `unavailable` if there is no adapter, `file` where the bundled driver cannot be unpacked.
 */
export async function loadDawn(): Promise<Dawn> {
  const { create, globals } = await importWebGpu();
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  for await (const drivers of vulkanDrivers()) {
    const dawn = await openAdapter(create, drivers);
    if (dawn === undefined) continue;
    if (dawn.software) restWhileWaiting(globals);
    return dawn;
  }
  throw new EngineError('unavailable', `Dawn finds no WebGPU adapter on this machine; ${dawnRemedy()}`, {
    expected: dawnRemedy(),
  });
}

/**
 * What `create` returned, by the drivers it was made for. Kept for good: Dawn's objects use it, and so does what it asks of
 * the event loop after the last device is destroyed, but none of them keeps it from being collected, which ends in a crash.
 */
const instances = new Map<string, GPU>();

/** Drivers for the Vulkan loader: paths of ICD files, or what the environment (or another system than Linux) says. */
type Drivers = readonly string[] | 'default';

async function openAdapter(create: (options: string[]) => GPU, drivers: Drivers): Promise<Dawn | undefined> {
  // Dawn reads the drivers' list before the first `requestAdapter` of an instance returns its promise. So the list is in
  // the environment for that moment only and does not reach a browser that is started later.
  const restore = setDrivers(drivers);
  const key = driverVariables.map((name) => process.env[name]).join('\n');
  let gpu: GPU;
  let pending: Promise<GPUAdapter | null>;
  try {
    gpu = instances.get(key) ?? create([]);
    instances.set(key, gpu);
    pending = gpu.requestAdapter();
  } finally {
    restore();
  }
  const adapter = await pending;
  if (adapter === null) {
    // So that another try looks for drivers again.
    instances.delete(key);
    return undefined;
  }
  const summary = summarize(adapter.info);
  return { gpu, adapter: summary, software: isSoftwareAdapter(summary) };
}

/** The drivers to try, best first. SwiftShader is unpacked when its turn comes. */
async function* vulkanDrivers(): AsyncGenerator<Drivers> {
  if (process.platform !== 'linux') {
    yield 'default';
    return;
  }
  const chosenByUser = driverVariables.some((name) => process.env[name]);
  const hardware = hasGpuDevice() ? hardwareVulkanDrivers() : [];
  if (!loadLibrary('libvulkan.so.1')) {
    const bundled = await bundledVulkan();
    if (bundled === undefined || !loadLibrary(bundled.loader)) return;
  }
  if (chosenByUser) {
    yield 'default';
    return;
  }
  if (hardware.length > 0) yield hardware;
  const bundled = await bundledVulkan();
  if (bundled !== undefined) yield [bundled.icd];
}

/** The variables by which the Vulkan loader is told its drivers: its present and its former name. */
const driverVariables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

function setDrivers(drivers: Drivers): () => void {
  if (drivers === 'default') return () => undefined;
  const before = driverVariables.map((name) => [name, process.env[name]] as const);
  for (const name of driverVariables) process.env[name] = drivers.join(delimiter);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** `RTLD_NODELETE` of glibc and musl, which Node does not name: the library stays after Node closes it. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads a shared library for good, so that Dawn's own request for `libvulkan.so.1` finds it by name wherever its file is.
 * Node has no call for that but the one for its addons, which complains that the library is none.
 */
function loadLibrary(path: string): boolean {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
    return true;
  } catch (error) {
    return error instanceof Error && error.message.includes('did not self-register');
  }
}

async function importWebGpu(): Promise<typeof import('webgpu')> {
  try {
    return await optionalPackage('webgpu', 'Dawn comes with it', () => import('webgpu'));
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError(
      'unavailable',
      `npm's webgpu (Dawn) does not load on ${process.platform}-${process.arch}: ${(cause as Error).message.split('\n')[0]}`,
      { expected: 'Linux, macOS or Windows on x64 or arm64, or --runtime chrome or cpu', cause },
    );
  }
}

function dawnRemedy(): string {
  const variables = driverVariables.filter((name) => process.env[name]);
  if (process.platform !== 'linux') return 'update the graphics driver, or use --runtime chrome or cpu';
  if (variables.length > 0)
    return `the drivers named by ${variables.join(' and ')} give none; unset it to let one be chosen`;
  return 'install a Vulkan driver (on Debian mesa-vulkan-drivers and libvulkan1), or use --runtime chrome or cpu';
}
