/** The step matrix as rows: what most are at first, and at last those whose way has ended. Pure. */
import type { StepMatrixResult } from './types';

export type MatrixRow = { touchpoint: number | null; customers: number[] };

export function matrix({ rows, ended }: StepMatrixResult): MatrixRow[] {
  const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);
  const sorted = [...rows].sort((a, b) => sum(b.customers) - sum(a.customers) || a.touchpoint - b.touchpoint);
  return [...sorted, { touchpoint: null, customers: ended }];
}
