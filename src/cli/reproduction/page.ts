import type { Agreement } from '../../stdp/results.ts';
import type { ExperimentResult } from '../experiment.ts';
import { experimentFigures, schemeFigure } from '../figure-files.ts';
import type { RuntimeDescription } from '../runtimes/runtime.ts';
import type { Claim } from './claims.ts';
import type { SchemeComparison } from './schemes.ts';

const captions: Readonly<Record<string, string>> = {
  'fig1-middle-rate-rule':
    'Fig. 1, middle. Mean weight change of the rate rule ΔW ∝ ṡᵢ ρ(sⱼ) (Eq. 1) over all spike pairs at each spike-timing difference, with the closed form and the exponential fit to the biological data of Bi &amp; Poo (2001).',
  'fig1-right-pair-rule':
    'Fig. 1, right. The nearest-neighbour rule: number of pairs × weight change of a pair, per presynaptic spike.',
  'fig2-right-agreement':
    'Fig. 2, right. The two rules agree on average: nearest-neighbour rule against rate rule, in bins of equally many (sequence, step) cells.',
  'fig3-trace':
    'Fig. 3. One trial: presynaptic spikes and activity sⱼ, postsynaptic spikes and activity sᵢ, and the weight under the spike rule ΔW ∝ ṡᵢ ξⱼ (Eq. 2).',
};

/** A pairing scheme on the page. */
export interface ShownScheme extends SchemeComparison {
  readonly agreement: Agreement;
  /** Where its files are. */
  readonly folder: string;
}

/** Closed loops and threshold crossings, as the page shows them. */
export interface LearningPart {
  /** SVG texts by path. */
  readonly figures: Readonly<Record<string, string>>;
  /** In plain words. */
  readonly findings: string;
}

const learningCaptions: Readonly<Record<string, string>> = {
  'closed-loop/figures/effect-of-learning.svg':
    'STDP paper §5.1, end. Relative change of E[ṡᵢ²] (twice J of Eq. 3) by learning under Eq. 1, ± 2 standard errors, in a closed loop: the weight drives the postsynaptic neuron that changes it.',
  'threshold/figures/fig1-threshold-crossing.svg':
    'Generative paper, Fig. 1. Average ΔW ∝ V̇ against average ΔT for a voltage of constant slope that is below its threshold at the presynaptic spike, with the closed form.',
};

/** What may not be there after an interruption. */
export interface MoreParts {
  readonly learning: LearningPart | undefined;
  /** SVG text of the triplet rule's frequency dependence. */
  readonly frequency: string | undefined;
}

/** The page that shows a reproduction: figures, claims with verdicts, how it was computed. One file, no script. */
export function reproductionPage(
  paper: ExperimentResult,
  claims: readonly Claim[],
  schemes: readonly ShownScheme[],
  runtime: RuntimeDescription,
  { learning, frequency }: MoreParts,
): string {
  const { spec } = paper.plan;
  const figures = Object.entries(experimentFigures(paper)).map(
    ([name, svg]) =>
      `<figure>${svg.replace(/<\?xml[^>]*\?>\s*/, '')}<figcaption>${captions[name] ?? ''} <a href="paper/figures/${name}.svg">SVG</a></figcaption></figure>`,
  );
  const rows = claims.map(
    ({ statement, source, found, holds }) =>
      `<tr><td>${escaped(statement)}<br><small>${escaped(source)}</small></td><td>${escaped(found)}</td><td class="${holds ? 'yes' : 'no'}">${holds ? 'holds' : 'does not hold'}</td></tr>`,
  );
  const trialSteps = spec.sequences * spec.steps * spec.trials;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self'">
<title>STDP as presynaptic activity times rate of change of postsynaptic activity: the figures</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>STDP from the rate of change of postsynaptic activity</h1>
<p>The spike-based simulations of Bengio, Fischer, Mesnard, Zhang &amp; Wu, <cite>From STDP towards Biologically Plausible Deep Learning</cite> (2015), §5, computed anew: ${spec.sequences} rate sequences of ${spec.steps} steps, ${spec.trials} spike trains each, ${trialSteps.toExponential(1)} trial-steps, seed ${spec.seed}.</p>
<div class="figures">
${figures.join('\n')}
</div>
${schemesSection(schemes)}${tripletsSection(frequency)}${learningSection(learning)}<h2>What the paper says, and what was found</h2>
<table>
<thead><tr><th>Statement</th><th>Found</th><th>Verdict</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
<h2>Data</h2>
<p><a href="paper/curve.csv">curve.csv</a>, <a href="paper/agreement.csv">agreement.csv</a>, <a href="paper/sequences.csv">sequences.csv</a>, <a href="paper/trace.csv">trace.csv</a>, <a href="paper/manifest.json">manifest.json</a>. The paper does not give the drives, the leak and the peak rate; the numbers in <a href="paper/manifest.json">the manifest</a> are this project’s choice.</p>
<p>Computed by stdp-webgpu ${__PACKAGE_VERSION__}, runtime ${escaped(runtime.runtime)}: ${escaped(runtime.adapter)}. Every table is the same to the last byte on every adapter.</p>
</main>
</body>
</html>
`;
}

/** The paper's Fig. 2 for each pairing scheme, and the table of all. */
function schemesSection(schemes: readonly ShownScheme[]): string {
  if (schemes.length === 0) return '';
  const figures = schemes.map(({ scheme, agreement, folder }) => {
    const svg = schemeFigure(agreement, scheme).replace(/<\?xml[^>]*\?>\s*/, '');
    return `<figure>${svg}<figcaption><a href="${folder}/figures/fig2-right-agreement.svg">SVG</a>, <a href="${folder}/figures/fig1-right-pair-rule.svg">spike-timing curve</a>, <a href="${folder}/manifest.json">manifest</a></figcaption></figure>`;
  });
  const number = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits));
  const rows = schemes.map(
    ({ scheme, pairsPerSpike, raw, binned, slope, net, follows }) =>
      `<tr><td>${scheme}</td><td>${number(pairsPerSpike, 2)}</td><td>${number(binned, 4)}</td><td>${number(raw, 4)}</td><td>${number(slope, 4)}</td><td>${number(net.mean, 4)} ± ${number(net.standardError, 4)} of ${number(net.gross, 2)}</td><td class="${follows ? 'yes' : 'no'}">${follows ? 'yes' : 'no'}</td></tr>`,
  );
  return `<h2>Which pairing schemes follow the rate rule</h2>
<p>The same experiment under the schemes of Morrison, Diesmann &amp; Gerstner, <cite>Biol. Cybern.</cite> 98:459 (2008): what the paper shows for its own (nearest-exclusive) in Fig. 2, right, and what each adds up to where the postsynaptic rate is constant and the rate rule changes nothing.</p>
<div class="figures">
${figures.join('\n')}
</div>
<table>
<thead><tr><th>Scheme</th><th>Pairs per presynaptic spike</th><th>Correlation, binned</th><th>raw</th><th>Slope</th><th>Net change at a constant rate</th><th>Follows</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
<p><a href="schemes.csv">schemes.csv</a></p>
`;
}

function tripletsSection(frequency: string | undefined): string {
  if (frequency === undefined) return '';
  return `<h2>Triplets</h2>
<div class="figures">
<figure>${frequency.replace(/<\?xml[^>]*\?>\s*/, '')}<figcaption>60 pairs of spikes 10 ms apart, repeated at a frequency: the triplet rule of Pfister &amp; Gerstner (2006) with its parameters of visual cortex, beside what Sjöström et al. (2001) measured. <a href="triplets/figures/frequency.svg">SVG</a>, <a href="triplets/frequency.csv">frequency.csv</a></figcaption></figure>
</div>
`;
}

function learningSection(learning: LearningPart | undefined): string {
  if (!learning) return '';
  const figures = Object.entries(learning.figures).map(
    ([path, svg]) =>
      `<figure>${svg.replace(/<\?xml[^>]*\?>\s*/, '')}<figcaption>${learningCaptions[path] ?? ''} <a href="${path}">SVG</a></figcaption></figure>`,
  );
  return `<h2>Learning in the loop, and thresholds</h2>
<div class="figures">
${figures.join('\n')}
</div>
<p>${escaped(learning.findings)} Tables: <a href="closed-loop/grid.csv">grid.csv</a>, <a href="threshold/threshold.csv">threshold.csv</a>, <a href="threshold/timing.csv">timing.csv</a>. Drives, rates, leaks and sizes are this project’s choice.</p>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const style = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --line: #d5dae0; --page: #ffffff; --yes: #00674f; --no: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ed; --soft: #9aa4af; --line: #3a424b; --page: #14171a; --yes: #4cc9a5; --no: #ff8a80; } }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 2rem; }
figure { margin: 0; }
figure svg { width: 100%; height: auto; }
figcaption, small { color: var(--soft); font-size: 0.875rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); }
.yes { color: var(--yes); white-space: nowrap; } .no { color: var(--no); white-space: nowrap; }
a { color: inherit; }
`;
