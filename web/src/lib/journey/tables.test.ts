import { beforeAll, expect, it } from 'vitest';
import { catalogue } from './catalogue.svelte';
import { ledgerRows } from './tables';
import type { FrictionResult, Touchpoint, TouchpointFriction } from './types';

const estimate = (value: number) => ({ value, low: value - 1, high: value + 1 });

beforeAll(() => {
  const touchpoint = { id: 3, name: 'Payment failed', is_named: true, channel: 'website', stage: null };
  catalogue.both.value = { touchpoints: [touchpoint as Touchpoint], stages: [] };
});

it('takes the ledger away with its money, where somebody has said what a call costs', () => {
  const row = {
    touchpoint: 3,
    contact_verdict: { verdict: 'guilty' },
    excess: estimate(40),
    cost: estimate(26_000),
    exposures: 120,
    contact: { exposed: 0.4, expected: 0.1 },
  } as TouchpointFriction;
  const result = { touchpoints: [row] } as FrictionResult;
  const [head, told] = ledgerRows(result, 'GBP');
  expect(head).toHaveLength(told!.length);
  expect(head![6]).toBe('Cost (GBP)');
  expect(told!.slice(3)).toEqual([40, 39, 41, 260, 120, 0.4, 0.1]);
  // Yen have no smaller unit.
  expect(ledgerRows(result, 'JPY')[1]![6]).toBe(26_000);
  expect(ledgerRows(result, null)[1]!.slice(3)).toEqual([40, 39, 41, 120, 0.4, 0.1]);
});
