import { describe, expect, it } from 'vitest';
import type { PhoneMessage } from '../api/types';
import { withMessages } from './line.svelte';
import { fictionalNumber, readNumber, spaced } from './number';

const message = (id: number, more: Partial<PhoneMessage> = {}): PhoneMessage => ({
  id,
  direction: 'in',
  body: `text ${id}`,
  at: '2026-11-22T10:00:00Z',
  status: 'received',
  attachments: [],
  ...more,
});

describe('numbers', () => {
  it('are picked from the range that belongs to nobody', () => {
    expect(fictionalNumber(0)).toBe('+12025550100');
    expect(fictionalNumber(0.999)).toBe('+12025550199');
  });
  it('are read as people type them', () => {
    expect(readNumber('+1 (202) 555-0143')).toBe('+12025550143');
    expect(readNumber('202 555 0143')).toBe('+12025550143');
    expect(readNumber('+49 170 1234567')).toBe('+491701234567');
    expect(readNumber('call me')).toBeNull();
  });
  it('are shown in groups', () => {
    expect(spaced('+12025550143')).toBe('+1 202 555 0143');
    expect(spaced('+491701234567')).toBe('+491701234567');
  });
});

describe('messages on a line', () => {
  it('are shown once, in order, with their latest status', () => {
    const first = withMessages([], [message(2, { direction: 'out', status: 'sent' }), message(1)]);
    const then = withMessages(first, [message(2, { direction: 'out', status: 'delivered' })]);
    expect(then.map((bubble) => [bubble.id, bubble.mine, bubble.status])).toEqual([
      [1, true, 'received'],
      [2, false, 'delivered'],
    ]);
  });
});
