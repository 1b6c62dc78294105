/** Settings of INFERENCE (generative paper, Algorithm 2). */
export interface InferenceSettings {
  /** N, steps after the feedforward pass. */
  readonly steps: number;
  /** δ, rate of the pressure from below, f_k(h_{k−1}) − f_k(g_k(h_k)). */
  readonly delta: number;
  /** α, rate of the pressure from above, g_{k+1}(h_{k+1}) − h_k. */
  readonly alpha: number;
}

/** INFERENCE as Algorithm 2 prints it. */
export const paperInference: InferenceSettings = { steps: 15, delta: 0.1, alpha: 0.001 };
