/**
 * JSON for people and programs: indented, but an array of numbers or texts on one line, so that a table drive is a row
 * a line.
 */
export function jsonText(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const block = (open: string, items: readonly string[], close: string) =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  if (!Array.isArray(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    const items = fields.map(([key, field]) => `${JSON.stringify(key)}: ${jsonText(field, inner)}`);
    return block('{', items, '}');
  }
  if (!value.some((item) => typeof item === 'object')) return JSON.stringify(value);
  return block(
    '[',
    value.map((item) => jsonText(item, inner)),
    ']',
  );
}
