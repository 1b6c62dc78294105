import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type UserConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

const root = import.meta.dirname;

/** Packages of the command line that are loaded from node_modules at run time, not bundled. */
const external = [...Object.keys(manifest.dependencies), /^node:/, /^apache-arrow/, /^@observablehq/, /^@tensorflow/];

/** The things that are built from `src`, `bench` and `demo`; `vite build --mode NAME` makes one. */
const builds: Record<string, UserConfig> = {
  /** The library: ES modules with inlined shaders, for bundlers and for plain script tags. */
  lib: {
    build: {
      outDir: 'dist/lib',
      lib: {
        entry: { index: resolve(root, 'src/index.ts'), figures: resolve(root, 'src/figures/index.ts') },
        formats: ['es'],
      },
      rollupOptions: { external: [/^@observablehq/] },
    },
  },
  /** The command line, for Node. */
  cli: {
    plugins: [
      {
        name: 'executable',
        // npx runs a checkout's own program as a file.
        writeBundle: () => chmodSync(resolve(root, 'dist/cli/main.js'), 0o755),
      },
    ],
    build: {
      outDir: 'dist/cli',
      ssr: true,
      target: 'node20',
      rollupOptions: {
        input: { main: resolve(root, 'src/cli/main.ts') },
        external,
        output: { entryFileNames: '[name].js' },
      },
    },
  },
  /** The page that the command line opens in Chrome to compute in. */
  page: {
    root: resolve(root, 'src/cli/page'),
    base: './',
    build: { outDir: resolve(root, 'dist/page'), emptyOutDir: true },
  },
  /** The benchmark as a page, for any browser and for the command line. */
  bench: {
    root: resolve(root, 'bench'),
    base: './',
    build: { outDir: resolve(root, 'dist/bench'), emptyOutDir: true },
  },
  /** The site: the curve page and the sweep explorer. */
  demo: {
    root: resolve(root, 'demo'),
    base: './',
    // The explorer's worker loads what writes Arrow files only where it is asked for.
    worker: { format: 'es' },
    build: {
      outDir: resolve(root, 'dist/demo'),
      emptyOutDir: true,
      rollupOptions: { input: ['index', 'sweep', 'energy'].map((name) => resolve(root, `demo/${name}.html`)) },
    },
  },
};

export default defineConfig(({ mode }) => ({
  define: { __PACKAGE_VERSION__: JSON.stringify(manifest.version) },
  ...builds[mode],
  build: { sourcemap: true, target: 'es2022', ...builds[mode]?.build },
}));
