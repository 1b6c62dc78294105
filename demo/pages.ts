/** A page of the site. */
export interface SitePage {
  /** In this folder; a page whose file is not there is left out. */
  readonly file: string;
  /** What the link to it says. */
  readonly name: string;
}

/** The pages of the site, in the order of their links: a page is added by its file and a line here. */
export const pages: readonly SitePage[] = [
  { file: 'index.html', name: 'The curve' },
  { file: 'agreement.html', name: 'Do the rules agree?' },
  { file: 'trace.html', name: 'A spike train' },
  { file: 'schemes.html', name: 'Pairing schemes' },
  { file: 'loop.html', name: 'Learning in the loop' },
  { file: 'sweep.html', name: 'Sweeps' },
  { file: 'energy.html', name: 'Energy and back-propagation' },
  { file: 'digits.html', name: 'Digits' },
];

/**
 * The content security policy of every page: nothing from elsewhere, no inline script or style, no eval.
 * `wasm-unsafe-eval` and workers from `blob:` are how the CPU engine runs; they allow no script from elsewhere. `data:`
 * is the icon.
 */
export const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
