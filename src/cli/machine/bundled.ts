import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { optionalPackage } from '../../optional-package.ts';
import { cachedFolder, readyFolder } from './cache.ts';

/** The headless Chromium of npm's `@sparticuz/chromium`, unpacked. */
export interface BundledBrowser {
  readonly executable: string;
  /** Folder of the shared libraries that a bare Linux lacks (NSS, NSPR, Expat), for `LD_LIBRARY_PATH`. */
  readonly libraryPath: string;
  /** Font configuration that adds Open Sans to the machine's own fonts, for `FONTCONFIG_FILE`. */
  readonly fontConfiguration: string;
  /** The folder that holds it all, SwiftShader's libraries beside the executable. */
  readonly folder: string;
}

/** A Vulkan loader and SwiftShader, the driver that computes on the CPU. */
export interface BundledVulkan {
  /** `libvulkan.so.1`. */
  readonly loader: string;
  /** `vk_swiftshader_icd.json`, for `VK_DRIVER_FILES`. */
  readonly icd: string;
}

/**
 * Unpacks the bundled browser (180 MB, some seconds) at its first use; later calls only look.
 *
 * The package's own `executablePath()` is not used: two processes that call it at once start half-written files.
 *
 * @returns `undefined` where the package is not installed or has no browser for this machine (all but Linux x64).
 * @throws EngineError `file` where no folder takes the files.
 */
export async function bundledBrowser(): Promise<BundledBrowser | undefined> {
  const archives = bundledArchives();
  if (archives === undefined) return undefined;
  const folder = await cachedFolder(archives.browserName, async (target) => {
    await Promise.all([
      decompress(join(archives.folder, 'chromium.br'), createWriteStream(join(target, 'chromium'), { mode: 0o755 })),
      ...['swiftshader', 'al2023', 'fonts'].map((name) => unpack(archives.folder, name, target)),
    ]);
    await writeFile(join(target, 'fonts.conf'), fontConfiguration);
  });
  return {
    executable: join(folder, 'chromium'),
    libraryPath: join(folder, 'lib'),
    fontConfiguration: join(folder, 'fonts.conf'),
    folder,
  };
}

/**
 * SwiftShader's Vulkan driver and a loader for it, without the browser that they come with (15 MB).
 *
 * @returns `undefined` where there is none for this machine, as for {@link bundledBrowser}.
 * @throws EngineError `file` where no folder takes the files.
 */
export async function bundledVulkan(): Promise<BundledVulkan | undefined> {
  const archives = bundledArchives();
  if (archives === undefined) return undefined;
  const folder =
    (await readyFolder(archives.browserName)) ??
    (await cachedFolder(archives.vulkanName, (target) => unpack(archives.folder, 'swiftshader', target)));
  return { loader: join(folder, 'libvulkan.so.1'), icd: join(folder, 'vk_swiftshader_icd.json') };
}

/** The package's own configuration names folders that only AWS Lambda has. */
const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** Where the package keeps its archives, and what they are called once unpacked. */
function bundledArchives(): { folder: string; browserName: string; vulkanName: string } | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const root = packageFolder('@sparticuz/chromium');
  if (root === undefined) return undefined;
  const folder = join(root, 'bin');
  if (!existsSync(join(folder, 'chromium.br')) || !existsSync(join(folder, 'swiftshader.tar.br'))) return undefined;
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const suffix = `${version}-${process.arch}`;
  return { folder, browserName: `chromium-${suffix}`, vulkanName: `swiftshader-${suffix}` };
}

/** Root folder of an installed package; its `package.json` is not among its exports, so it is searched upward. */
function packageFolder(name: string): string | undefined {
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve(name));
  } catch {
    return undefined;
  }
  while (nameOf(folder) !== name) {
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return folder;
}

/** Name in the `package.json` of a folder; a build folder may have one without a name. */
function nameOf(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name : undefined;
}

/** The files become ours: as root, `tar-fs` would give them to the numbers of the people who packed them. */
async function unpack(archiveFolder: string, name: string, target: string): Promise<void> {
  const { extract } = await optionalPackage('tar-fs', 'unpacking the bundled browser needs it', () => import('tar-fs'));
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const extraction = extract(target, { map: (header) => ({ ...header, uid, gid }) });
  return decompress(join(archiveFolder, `${name}.tar.br`), extraction);
}

function decompress(archive: string, target: NodeJS.WritableStream): Promise<void> {
  return pipeline(createReadStream(archive), createBrotliDecompress(), target);
}
