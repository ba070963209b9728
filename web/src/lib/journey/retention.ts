/** What retention can be asked beside its touchpoints. */

/** Who begins in a period. */
export const BEGINS = ['ever', 'in_periods', 'anew'] as const;
export type Begins = (typeof BEGINS)[number];

/** How often in a period makes a return. */
export const LEAST = [1, 2, 3, 5, 10];
