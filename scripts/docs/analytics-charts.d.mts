/** Draws leads by stage from the answer of `distribution`. */
export function drawDistribution(distribution: unknown): string;

/** Draws rates with their intervals by band from the answer of `conversion`. */
export function drawConversion(conversion: unknown): string;

/** Draws precision and recall by cut-off from the answer of `thresholds`. */
export function drawThresholds(thresholds: unknown): string;
