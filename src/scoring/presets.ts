import { advancedPreset } from './advanced-preset.js';
import { expiringPreset } from './expiring-preset.js';
import type { ModelDefinition } from './model-definition.js';
import { starterPreset } from './starter-preset.js';

export type PresetName = 'STARTER' | 'ADVANCED' | 'EXPIRING';

/** Ready-made models; each call gives a fresh definition under the given key and name. */
export const PRESETS: Record<PresetName, (key: string, name: string) => ModelDefinition> = {
  STARTER: starterPreset,
  ADVANCED: advancedPreset,
  EXPIRING: expiringPreset,
};
