import { describe, expect, it } from 'vitest';
import type { CustomerArrival } from '../api/types';
import { arrivalDetails, wayWords } from './arrival';

const nothing: CustomerArrival = {
  at: '2026-03-04T10:00:00Z',
  event_id: 1,
  source: '',
  medium: '',
  campaign: '',
  term: '',
  content: '',
  click_ids: {},
  referrer: '',
  page: '',
};

describe('how a customer came', () => {
  it.each([
    [{ source: 'google', medium: 'cpc', campaign: 'Spring' }, 'google · cpc, “Spring”'],
    [{ source: 'letter' }, 'letter'],
    [{ campaign: 'Spring' }, 'Spring'],
    [{ click_ids: { gclid: 'x' } }, 'Google ad'],
    [{ click_ids: { newid: 'x' } }, 'newid ad'],
    [{ source: 'fb', click_ids: { fbclid: 'x' } }, 'fb'],
    [{ referrer: 'https://www.bing.com/search?q=a' }, 'bing.com'],
    [{ referrer: 'no address' }, 'no address'],
  ])('%j is told as %s', (told, words) => expect(wayWords({ ...nothing, ...told })).toBe(words));

  it('tells all the rest to those who look closer', () => {
    const told = { page: 'https://a.example/rooms', term: 'sea', click_ids: { gclid: 'G1' } };
    expect(arrivalDetails({ ...nothing, ...told })).toEqual(['to a.example/rooms', 'sea', 'gclid G1']);
  });
});
