import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { earlyInference } from '../src/energy/checks/early-inference.ts';
import { settlingFigure } from '../src/figures/index.ts';

describe('a network that settles', () => {
  test.each([1, 2, 3])('loses energy in every step and comes to the fixed point (seed %i)', (seed) => {
    const { settling, states } = earlyInference([8, 10, 10, 5], seed, 0.1);
    const { energies, costs } = settling;
    for (let t = 1; t < energies.length; t++) expect(energies[t]).toBeLessThan(energies[t - 1]!);
    expect(costs.at(-1)! / costs[0]!).toBeLessThan(1e-3);
    // The input is held; all others start at 0.
    expect(settling.states[0]!.slice(1).every((layer) => layer.every((s) => s === 0))).toBe(true);
    const distances = settling.states.at(-1)!.flatMap((layer, l) => Array.from(layer, (s, i) => s - states[l]![i]!));
    expect(Math.max(...distances.map(Math.abs))).toBeLessThan(0.02);
  });

  test('is drawn with its states, its energy and J', () => {
    const { document } = parseHTML('<!doctype html><html></html>');
    const { settling } = earlyInference([8, 10, 5], 1, 0.1);
    const figure = settlingFigure(settling, { document });
    expect(figure.querySelector('desc')?.textContent).toMatch(/^In 40 steps with leak 0\.2 the energy falls from /);
    const lines = (role: string) => figure.querySelectorAll(`.${role} path`).length;
    expect([lines('pre'), lines('post'), lines('weight')]).toEqual([10, 5, 2]);
  });
});
