import type { ModelDefinition } from '../scoring/model-definition.js';

/** A model with the definition of its published version. */
export interface ModelRow {
  id: string;
  key: string;
  active: boolean;
  primary: boolean;
  version: number;
  definition: ModelDefinition;
}

/** One published version of a model. */
export interface ModelVersionRow {
  modelId: string;
  version: number;
  definition: ModelDefinition;
  message: string | null;
  publishedBy: string;
  publishedAt: Date;
}

/** Names one version of one model. */
export interface VersionKey {
  modelId: string;
  version: number;
}
