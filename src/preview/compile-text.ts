import { type CompiledModel, compileModel } from '../scoring/compile-model.js';
import type { ModelDefinition } from '../scoring/model-definition.js';

/** A model ready to score. @param definition as JSON, without faults: what this program itself wrote. */
export function compileText(definition: string): CompiledModel {
  return compileModel(JSON.parse(definition) as ModelDefinition);
}
