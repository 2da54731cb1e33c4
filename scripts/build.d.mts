/** The folder of the checkout. */
export const root: string;

/** Compiles the sources to dist when one of them is younger than the last build; answers whether dist can be used. */
export function buildIfNeeded(): boolean;
