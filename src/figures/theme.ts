/** Colours of a figure: fixed, or `auto` to follow the reader's system between light and dark. */
export type FigureTheme = 'light' | 'dark' | 'auto';

/** What a colour stands for; also the CSS class of the marks that carry it. */
export type ColourRole = 'data' | 'expected' | 'biology' | 'pre' | 'post' | 'weight';

type Palette = Readonly<Record<ColourRole | 'text' | 'background', string>>;

/**
 * Okabe & Ito's colours, which stay apart for readers with any common colour blindness. On white their darker members
 * are used, on dark their lighter ones; each has a contrast of at least 3 : 1 with the background.
 */
export const palettes: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    background: '#ffffff',
    text: '#1b1f24',
    data: '#0072b2',
    expected: '#d55e00',
    biology: '#008a63',
    pre: '#0072b2',
    post: '#d55e00',
    weight: '#008a63',
  },
  dark: {
    background: '#14181d',
    text: '#e3e7eb',
    data: '#56b4e9',
    expected: '#ff9a52',
    biology: '#2fc79b',
    pre: '#56b4e9',
    post: '#ff9a52',
    weight: '#2fc79b',
  },
};

/** Resolved in every viewer, without a font file. */
export const fontFamily = 'system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

/**
 * The style sheet of one figure. Marks draw in `currentColor`, so that one `color` per role is all there is to theme;
 * there are no CSS variables, which Inkscape and librsvg do not know. Its rules hold only inside
 * `svg.stdp-figure-<theme>`: a figure that is placed inline leaves the rest of the page alone.
 */
export function styleSheet(theme: FigureTheme): string {
  const base = paletteRules(theme, palettes[theme === 'dark' ? 'dark' : 'light']);
  if (theme !== 'auto') return base;
  return `${base}\n@media (prefers-color-scheme: dark) {\n${paletteRules(theme, palettes.dark)}\n}`;
}

function paletteRules(theme: FigureTheme, { background, text, ...roles }: Palette): string {
  const scope = `.stdp-figure-${theme}`;
  return [
    `${scope} { color: ${text}; }`,
    `${scope} .background { fill: ${background}; }`,
    ...Object.entries(roles).map(([role, colour]) => `${scope} .${role} { color: ${colour}; }`),
  ].join('\n');
}
