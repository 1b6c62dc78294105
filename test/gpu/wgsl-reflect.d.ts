/** The main entry of wgsl_reflect is CommonJS that is declared to be a module, so Node only loads this one. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
