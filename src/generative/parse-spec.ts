import * as v from 'valibot';
import { refusal, shapeError } from '../spec/refusal.ts';
import { defaultSetting, type GenerativeSpec, type SettingName, settingNames } from './spec.ts';
import { generativeSchema } from './spec-schema.ts';

/**
 * Checks the spec of a training and fills in what it is silent about from its setting ({@link defaultSetting} where it names none).
 *
 * @throws EngineError `invalid-spec` for the first thing that is not acceptable, with its path
 *   (`training.walkback.share`), the value there and what is allowed.
 * @example parseGenerativeSpec({ seed: 2, training: { epochs: 1 } })
 */
export function parseGenerativeSpec(input: unknown): GenerativeSpec {
  const result = v.safeParse(generativeSchema(settingOf(input)), input, { abortEarly: true });
  if (!result.success) throw shapeError(result.issues[0], 'spec');
  const { layers, training } = result.output;
  const most = layers.at(-2)!;
  if (training.start.top === 'principal' && layers.at(-1)! > most) {
    const reason = `the layer below has ${most} units, and no more principal directions`;
    throw refusal('training.start.top', training.start.top, `"uniform" or "imprint": ${reason}`);
  }
  return result.output;
}

/** The setting that a spec names; whatever else it says there, the schema refuses. */
function settingOf(input: unknown): SettingName {
  const named = (input as { readonly setting?: unknown } | null | undefined)?.setting;
  return settingNames.find((name) => name === named) ?? defaultSetting;
}
