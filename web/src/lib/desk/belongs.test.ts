import { describe, expect, it } from 'vitest';
import type { Conversation } from '../api/types';
import { savedJudge, standardJudge, teamJudge } from './belongs';

const conversation = (change: Partial<Conversation> = {}): Conversation =>
  ({
    status: 'open',
    automated: false,
    assignee: { id: 1, name: 'Ana' },
    team: { id: 4, name: 'Bookings' },
    channel: { id: 2, name: 'Text', kind: 'simulator' },
    waiting_since: '2026-11-22T10:00:00Z',
    tags: ['room'],
    ...change,
  }) as Conversation;

describe('the standard views', () => {
  it.each([
    [{}, ['mine', 'waiting', 'all']],
    [{ assignee: null }, ['unassigned', 'waiting', 'all']],
    [{ assignee: { id: 9, name: 'Ben' }, waiting_since: null }, ['all']],
    [{ automated: true, assignee: null, waiting_since: null }, ['all', 'automated']],
    [{ status: 'snoozed' }, ['snoozed']],
    [{ status: 'closed' }, ['closed']],
    [{ status: 'merged' }, []],
  ] as [Partial<Conversation>, string[]][])('%o stands in %s', (change, views) => {
    const all = ['mine', 'unassigned', 'waiting', 'all', 'automated', 'snoozed', 'closed'] as const;
    expect(all.filter((view) => standardJudge(view, 1)(conversation(change)))).toEqual(views);
  });
});

describe('other views', () => {
  it('hold what is open in a team', () => {
    expect(teamJudge(4)(conversation())).toBe(true);
    expect(teamJudge(5)(conversation())).toBe(false);
    expect(teamJudge(4)(conversation({ status: 'closed' }))).toBe(false);
  });
  it('narrow by everything that is asked', () => {
    const fits = (filter: Parameters<typeof savedJudge>[0], change: Partial<Conversation> = {}) =>
      savedJudge(filter, 1)!(conversation(change));
    expect(fits({})).toBe(true);
    expect(fits({}, { status: 'merged' })).toBe(false);
    expect(fits({ assignee: 'me', tag: 'room', team_id: 4, channel_id: 2, waiting: true })).toBe(true);
    expect(fits({ assignee: 'nobody' })).toBe(false);
    expect(fits({ assignee: 'nobody' }, { assignee: null })).toBe(true);
    expect(fits({ assignee: 9 })).toBe(false);
    expect(fits({ waiting: true }, { status: 'snoozed' })).toBe(false);
    expect(fits({ waiting: false })).toBe(false);
    expect(fits({ tag: 'complaint' })).toBe(false);
  });
  it('leave words to the server', () => expect(savedJudge({ text: 'dog' }, 1)).toBeNull());
});
