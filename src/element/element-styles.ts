/** Styles of the elements inside of their shadow roots; a page changes the custom properties. */
const text = `
:host {
  --stdp-background: #ffffff;
  --stdp-text: #1b1f24;
  --stdp-soft: #59636e;
  --stdp-accent: #0072b2;
  --stdp-track: #8a949e;
  color-scheme: light;
  display: block;
  container-type: inline-size;
  background: var(--stdp-background);
  color: var(--stdp-text);
  font: 14px / 1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
:host([hidden]), [hidden] { display: none !important; }
:host([theme="dark"]) { --stdp-background: #14181d; --stdp-text: #e3e7eb; --stdp-soft: #9aa5b1; --stdp-accent: #56b4e9; --stdp-track: #5d6874; color-scheme: dark; }
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) { --stdp-background: #14181d; --stdp-text: #e3e7eb; --stdp-soft: #9aa5b1; --stdp-accent: #56b4e9; --stdp-track: #5d6874; color-scheme: dark; }
}
.figure { display: grid; align-content: end; overflow: hidden; }
/* Room for what is drawn at a width, so that nothing on the page moves when it comes. */
.figure.curve { min-height: calc(50cqw + 84px); }
.figure.agreement { min-height: calc(50cqw + 102px); }
.figure.trace { min-height: 376px; }
.figure svg { display: block; max-width: 100%; }
.figure.outdated svg { opacity: 0.4; }
.frames { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(3.6rem, 100%), 1fr)); gap: 8px; max-width: 60rem; padding: 8px 10px 0; }
.frames figure { margin: 0; }
.frames canvas { display: block; width: 100%; aspect-ratio: 1; border: 1px solid var(--stdp-track); border-radius: 4px; background: #000000; image-rendering: pixelated; }
.frames figcaption { color: var(--stdp-soft); font-size: 12px; }
.figure:focus-visible, .frames:focus-visible, input:focus-visible, button:focus-visible { outline: 2px solid var(--stdp-accent); outline-offset: 2px; border-radius: 4px; }
p, output { margin: 0; }
.status { color: var(--stdp-soft); font-size: 12px; padding: 5px 10px 4px; min-height: 1.5em; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.problem { padding: 1rem; overflow-wrap: anywhere; }
.controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr)); gap: 0 1.5rem; padding: 4px 10px 10px; }
.controls:has(button) { display: flex; flex-wrap: wrap; gap: 8px; }
.slider { display: grid; grid-template-columns: 1fr auto; gap: 0 0.75rem; align-items: baseline; }
.slider input, .slider .hint { grid-column: 1 / -1; }
.slider input { width: 100%; margin: 0; height: 1.6rem; accent-color: var(--stdp-accent); }
.slider output { font-variant-numeric: tabular-nums; }
.slider .hint { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
button { padding: 0.35rem 0.8rem; border: 1px solid var(--stdp-track); border-radius: 999px; background: none; color: inherit; font: inherit; cursor: pointer; justify-self: start; }
button:disabled { opacity: 0.5; cursor: default; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

let sheet: CSSStyleSheet | undefined;

/** One sheet for all elements of the page: adopted, so that a content security policy needs to allow no inline style. */
export function elementStyles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
  }
  return sheet;
}
