import { describe, expect, it } from 'vitest';
import { dayName, faultOf, nextPeriod, readDays, readEnd, shownEnd } from './hours';

describe('business hours', () => {
  it('name the days in the language', () => {
    expect(dayName('mon', 'en')).toBe('Monday');
    expect(dayName('sun', 'de')).toBe('Sonntag');
  });
  it('know what is wrong with a day', () => {
    expect(faultOf([])).toBeNull();
    expect(
      faultOf([
        ['13:00', '17:00'],
        ['09:00', '12:00'],
      ]),
    ).toBeNull();
    expect(faultOf([['09:00', '09:00']])).toBe('order');
    expect(faultOf([['', '09:00']])).toBe('order');
    expect(
      faultOf([
        ['09:00', '13:00'],
        ['12:00', '17:00'],
      ]),
    ).toBe('overlap');
  });
  it('last until midnight where they end at 24:00', () => {
    expect(shownEnd('24:00')).toBe('00:00');
    expect(readEnd('00:00')).toBe('24:00');
    expect([shownEnd('17:00'), readEnd('17:00'), readEnd('')]).toEqual(['17:00', '17:00', '']);
    expect(faultOf([['18:00', readEnd('00:00')]])).toBeNull();
  });
  it('offer the hour after the last one', () => {
    expect(nextPeriod([])).toEqual(['09:00', '17:00']);
    expect(nextPeriod([['09:00', '12:30']])).toEqual(['13:00', '14:00']);
    expect(nextPeriod([['09:00', '23:30']])).toEqual(['22:00', '23:00']);
  });
  it('read holidays as they are typed', () => {
    expect(readDays('2027-01-01, 2026-12-25\n2026-12-25')).toEqual(['2026-12-25', '2027-01-01']);
    expect(readDays('')).toEqual([]);
    expect(readDays('2026-02-30')).toBeNull();
    expect(readDays('Christmas')).toBeNull();
  });
});
