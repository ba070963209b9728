import { afterEach, expect, it, vi } from 'vitest';
import { session } from './session.svelte';

afterEach(() => {
  vi.useRealTimers();
  session.timeZone = '';
});

it('knows the day that it is for the company, whatever day it is for the reader', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T11:30:00Z') });
  session.timeZone = 'Pacific/Kiritimati';
  expect(session.today()).toBe('2026-11-23');
  session.timeZone = 'Pacific/Pago_Pago';
  vi.setSystemTime(Date.parse('2026-11-22T10:30:00Z'));
  expect(session.today()).toBe('2026-11-21');
});
