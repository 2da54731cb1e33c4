/** Recording numbers that one draw from `recording_batches` stands for: no batch gives out more. */
export const BATCH_SEQ_STRIDE = 16_384;
