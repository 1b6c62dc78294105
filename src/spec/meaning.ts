/**
 * Tags what a JSON Schema says of a key. Only the command line prints schemas of experiments: all other builds leave these
 * texts out (`build-plugins.ts`).
 */
export function meaning(text: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: text }, ...values);
}
