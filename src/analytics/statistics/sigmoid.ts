/** 1 / (1 + e^-logit): the rate that belongs to a logit. */
export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

/** Log loss, in nats, of the rate sigmoid(logit) when the outcome is `target`: 1, 0 or a share between. Never overflows. */
export function logitLoss(logit: number, target: number): number {
  const softplus = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
  return softplus - target * logit;
}
