import { readdirSync } from 'node:fs';

/**
 * Whether a Linux machine shows signs of a GPU that Vulkan could use. Asking Chromium for Vulkan on a machine
 * without one hangs or crashes it, so this is looked up first.
 */
export function hasGpuDevice(): boolean {
  const isRenderNode = (name: string) => name.startsWith('renderD');
  const isNvidia = (name: string) => /^nvidia\d/.test(name);
  return names('/dev/dri').some(isRenderNode) || names('/dev').some(isNvidia);
}

/** Folders in which drivers announce themselves to Vulkan; the last is where container toolkits mount NVIDIA's. */
const vulkanDriverFolders = [
  '/etc/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  '/usr/local/nvidia/share/vulkan/icd.d',
];

/** The machine's Vulkan drivers for GPUs: `*.json` files, without lavapipe (`lvp_icd`), which computes on the CPU. */
export function hardwareVulkanDrivers(): string[] {
  return vulkanDriverFolders.flatMap((folder) =>
    names(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('lvp_'))
      .map((name) => `${folder}/${name}`),
  );
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
