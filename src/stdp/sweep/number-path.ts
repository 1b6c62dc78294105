/** The way from an object to a number in it: names of properties and indices of arrays. */
export type NumberPath = readonly (string | number)[];

const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:0|[1-9]\d*)\])*$/;

/**
 * The parts of `a.b[0][1]`; `undefined` for a text that is not of this form. No two texts have the same parts, so that
 * a number has one path only.
 */
export function parseNumberPath(text: string): NumberPath | undefined {
  if (!PATH.test(text)) return undefined;
  return Array.from(text.matchAll(/\[(\d+)\]|\w+/g), ([part, index]) => (index === undefined ? part : Number(index)));
}

/** What stands at a path; `undefined` where there is nothing. Inherited properties and `length` are nothing. */
export function valueAt(root: unknown, path: NumberPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) !== (typeof key === 'number') || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/**
 * The object with other numbers at some paths. Only what lies on the way to them is copied, and only once; all else is
 * shared with the object that was given.
 *
 * @param paths of numbers that are there; `values` has one for each.
 */
export function withNumbers<Root extends object>(
  root: Root,
  paths: readonly NumberPath[],
  values: readonly number[],
): Root {
  if (paths.length === 0) return root;
  type Parent = Record<string | number, unknown>;
  const copies = new Set<object>();
  const copyOf = (value: unknown): Parent => {
    if (copies.has(value as object)) return value as Parent;
    const copy = (Array.isArray(value) ? value.slice() : { ...(value as object) }) as Parent;
    copies.add(copy);
    return copy;
  };
  const result = copyOf(root);
  paths.forEach((path, index) => {
    let parent = result;
    for (const key of path.slice(0, -1)) {
      parent[key] = copyOf(parent[key]);
      parent = parent[key] as Parent;
    }
    parent[path.at(-1)!] = values[index];
  });
  return result as Root;
}

/** Paths of all numbers in an object, an array's as one: `values[0 … 9][0 … 160]`. @param path of the object itself */
export function numbersIn(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return numbersIn(value[0], `${path}[0 … ${value.length - 1}]`);
  return Object.entries(value).flatMap(([key, part]) => numbersIn(part, path === '' ? key : `${path}.${key}`));
}
