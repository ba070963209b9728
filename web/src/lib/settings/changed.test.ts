import { expect, it } from 'vitest';
import { changed } from './changed';

it('says only what differs', () => {
  const before = { name: 'a', hours: { mon: [['09:00', '17:00']] }, team: null as number | null };
  expect(changed(before, structuredClone(before))).toEqual({});
  expect(changed(before, { ...before, team: 3, hours: { mon: [] } })).toEqual({
    team: 3,
    hours: { mon: [] },
  });
});
