/** The version of this package, put in by the build. */
declare const __PACKAGE_VERSION__: string;

declare module 'wgsl-preprocessor/wgsl-preprocessor.js' {
  /** Template tag that keeps or drops the text between `#if ${…}`, `#elif ${…}`, `#else` and `#endif`. */
  export function wgsl(strings: readonly string[], ...values: readonly unknown[]): string;
}
