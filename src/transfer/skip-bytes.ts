import { LeadpulseError } from '../errors.js';

/**
 * A source from `wanted` on.
 * @param begins where in the file the source begins.
 * @throws LeadpulseError CONFLICT when it begins behind that.
 */
export async function* skipBytes(
  source: AsyncIterable<Buffer>,
  wanted: number,
  begins: number,
): AsyncGenerator<Buffer> {
  if (begins > wanted) {
    const message = `The import goes on at byte ${wanted}, and the upload begins at byte ${begins}: send the file from there.`;
    throw new LeadpulseError('CONFLICT', message);
  }
  let left = wanted - begins;
  for await (const part of source) {
    const skipped = Math.min(left, part.length);
    left -= skipped;
    if (skipped < part.length) yield skipped === 0 ? part : part.subarray(skipped);
  }
}
