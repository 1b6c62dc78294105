/** Training images at the end that are left for choosing between settings, where there are more than twice as many. */
const VALIDATION_IMAGES = 10_000;

/** Images, from the first of so many on, that a training takes where nothing else is said. */
export function defaultTrainingImages(count: number): number {
  return count > 2 * VALIDATION_IMAGES ? count - VALIDATION_IMAGES : count;
}
