import DataLoader from 'dataloader';
import type { Preview } from '../../preview/preview.js';
import type { ApiContext } from '../context.js';
import { ModelPreviewType } from './preview-type.js';

/** A preview reads every contact: an operation has room for a few of them. */
export const PREVIEW_COST = 5_000;

/** The preview as the API shows it. */
export function modelPreviewOf({ services }: ApiContext, source: Preview): ModelPreviewType {
  const moves = new DataLoader((ids: readonly string[]) => services.previews.explain(source.scope, ids));
  return Object.assign(new ModelPreviewType(), { source, moves });
}
