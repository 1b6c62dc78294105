/** Shows an image on a canvas of the same number of pixels; black where there is none. @param image 0 … 1 */
export function paint(canvas: HTMLCanvasElement, image: Float32Array | undefined, visible?: Float32Array): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const data = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const grey = Math.round(255 * (image?.[i] ?? 0));
    const colour = visible?.[i] === 0 ? HIDDEN : [grey, grey, grey];
    data.data.set([...colour, 255], 4 * i);
  }
  context.putImageData(data, 0, 0);
}

/** What is missing, in the colour of the site's accent. */
const HIDDEN = [0, 114, 178] as const;
