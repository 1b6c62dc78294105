import { countText, element, make } from '../elements.ts';
import type { StoredSweep } from './messages.ts';

/** What a reader does with a sweep that the browser keeps. */
export interface StoredEvents {
  onOpen(sweep: StoredSweep): void;
  onSave(sweep: StoredSweep): void;
  onDelete(sweep: StoredSweep): void;
}

/** Lists the sweeps that this browser keeps. @param current the one that the page shows */
export function showStored(sweeps: readonly StoredSweep[], current: string | undefined, events: StoredEvents): void {
  const list = element('stored', HTMLElement);
  element('stored-none', HTMLElement).hidden = sweeps.length > 0;
  list.replaceChildren(...sweeps.map((sweep) => rowOf(sweep, sweep.name === current, events)));
}

function rowOf(sweep: StoredSweep, isCurrent: boolean, events: StoredEvents): HTMLElement {
  const { finished, points, version } = sweep;
  const title = titleOf(sweep.input);
  const button = (text: string, act: () => void) => {
    const made = make('button', { type: 'button', 'aria-label': `${text}: ${title}` }, text);
    made.addEventListener('click', act);
    return made;
  };
  const state =
    finished === undefined || points === undefined
      ? `in use by another tab, or of version ${version}`
      : finished === points
        ? `complete, ${countText(points)} points`
        : `${countText(finished)} of ${countText(points)} points`;
  const remove = button('Delete', () => {
    // A second click deletes: there is no way back.
    if (remove.dataset.sure) events.onDelete(sweep);
    remove.dataset.sure = 'yes';
    remove.textContent = 'Really delete';
  });
  const usable = finished !== undefined;
  return make(
    'li',
    isCurrent ? { 'aria-current': 'true' } : {},
    make('span', { class: 'stored-title' }, title),
    make('span', { class: 'stored-state' }, isCurrent ? `${state}, shown above` : state),
    make(
      'span',
      { class: 'buttons' },
      ...(usable && !isCurrent ? [button('Open', () => events.onOpen(sweep))] : []),
      ...(usable && finished > 0 ? [button('points.csv', () => events.onSave(sweep))] : []),
      remove,
    ),
  );
}

function titleOf(input: unknown): string {
  const { axes, base } = input as { axes: Record<string, unknown>; base: { sequences: number; trials: number } };
  const paths = Object.keys(axes);
  const size = `${countText(base.sequences)} sequences × ${countText(base.trials)} trials`;
  return `${paths.length > 0 ? paths.join(' × ') : 'one point'}; ${size}`;
}
