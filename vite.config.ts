import { chmodSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type UserConfig } from 'vite';
import { compactShaders, leaveOutMeanings, siteShell } from './build-plugins.ts';
import manifest from './package.json' with { type: 'json' };

const root = import.meta.dirname;

/** Loaded from node_modules at run time: the package's dependencies, and what it works without. */
const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
/** The same with what is inside of them: `wgsl-preprocessor/wgsl-preprocessor.js`. */
const external = [/^node:/, ...installed.map((name) => new RegExp(`^${name}(/|$)`))];
/** What the command line has in itself although pages take it from node_modules: figures are part of every run. */
const bundledWithCommands = ['@observablehq/plot', 'linkedom'];

/** The things that are built from `src`, `bench` and `demo`; `vite build --mode NAME` makes one. */
const builds: Record<string, UserConfig> = {
  /** The library for bundlers and Node: a module for each source file, so that an import costs what it uses. */
  lib: {
    build: {
      outDir: 'dist/lib',
      lib: {
        entry: ['index', 'figures/index', 'node'].map((name) => resolve(root, `src/${name}.ts`)),
        formats: ['es'],
      },
      rollupOptions: {
        external,
        output: {
          preserveModules: true,
          preserveModulesRoot: resolve(root, 'src'),
          entryFileNames: ({ name }) => `${name.replace(/\?.*/, '')}.js`,
        },
      },
    },
  },
  /** The library for a plain `<script type="module">`: few files with all in them, the figures' one loaded when one is drawn. */
  browser: {
    base: './',
    build: {
      outDir: 'dist/browser',
      license: { fileName: 'licenses.md' },
      modulePreload: false,
      rollupOptions: {
        input: {
          'stdp-webgpu': resolve(root, 'src/index.ts'),
          figures: resolve(root, 'src/figures/index.ts'),
          element: resolve(root, 'src/element/index.ts'),
        },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
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
    ssr: { noExternal: true },
    build: {
      outDir: 'dist/cli',
      license: { fileName: 'licenses.md' },
      ssr: true,
      target: 'node20',
      rollupOptions: {
        input: { main: resolve(root, 'src/cli/main.ts') },
        external: [
          ...external.filter((pattern) => !bundledWithCommands.some((name) => pattern.test(name))),
          /^@tensorflow/,
          // What linkedom draws with where it is installed.
          'canvas',
        ],
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
  /** The site: every page in `demo`. */
  demo: {
    root: resolve(root, 'demo'),
    base: './',
    plugins: [siteShell(resolve(root, 'demo'))],
    // The explorer's worker loads what writes Arrow files only where it is asked for.
    worker: { format: 'es' },
    build: {
      outDir: resolve(root, 'dist/demo'),
      emptyOutDir: true,
      rollupOptions: {
        input: {
          ...Object.fromEntries(
            readdirSync(resolve(root, 'demo'))
              .filter((name) => name.endsWith('.html'))
              .map((name) => [name.replace('.html', ''), resolve(root, 'demo', name)]),
          ),
          // What other people's pages load to have the elements.
          element: resolve(root, 'src/element/index.ts'),
        },
        output: {
          entryFileNames: ({ name }) => (name === 'element' ? 'embed/element.js' : 'assets/[name]-[hash].js'),
        },
      },
    },
  },
};

export default defineConfig(({ mode }) => ({
  define: { __PACKAGE_VERSION__: JSON.stringify(manifest.version) },
  ...builds[mode],
  plugins: [compactShaders(), ...(mode === 'cli' ? [] : [leaveOutMeanings()]), ...(builds[mode]?.plugins ?? [])],
  build: { sourcemap: true, target: 'es2022', ...builds[mode]?.build },
}));
