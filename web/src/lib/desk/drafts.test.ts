import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attachment } from '../api/types';
import { DraftKeeper, newer, QUIET_MS, type LocalDraft } from './drafts';

const server = (body: string, at: string) => ({ body, is_note: false, updated_at: at });
const local = (body: string, at: string): LocalDraft => ({ body, is_note: false, at: Date.parse(at) });

describe('the newer draft wins', () => {
  const [early, late] = ['2026-11-22T10:00:00Z', '2026-11-22T10:05:00Z'];
  it.each([
    [local('mine', late), server('theirs', early), 'mine'],
    [local('mine', early), server('theirs', late), 'theirs'],
    [local('', late), server('sent long ago', early), ''],
    [null, server('theirs', early), 'theirs'],
    [local('mine', early), null, 'mine'],
    [null, null, ''],
  ])('%o against %o', (mine, theirs, body) => expect(newer(mine, theirs).body).toBe(body));

  it.each([
    ['our words, saved since', 'mine', ['plan.pdf']],
    ['words from elsewhere', 'theirs', []],
  ])('keeps the files with %s', (_, body, names) => {
    const file = { id: 3, name: 'plan.pdf', content_type: 'application/pdf', size_bytes: 9, url: '' };
    const mine = { ...local('mine', early), files: [file] as LocalDraft['files'] };
    const draft = newer(mine, server(body, late));
    expect((draft.files ?? []).map(({ name }) => name)).toEqual(names);
  });
});

describe('keeping a draft', () => {
  let stored: Map<string, string>;
  let saved: string[];
  let away: boolean;
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const keeper = () =>
    new DraftKeeper(7, undefined, storage, async (_, draft) => {
      if (away) throw new Error('away');
      saved.push(draft.body);
    });

  beforeEach(() => {
    [stored, saved, away] = [new Map(), [], false];
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('is here at once and on the server when the keys rest', async () => {
    const draft = keeper();
    draft.keep('H', false, [], 1);
    draft.keep('Hi', false, [], 2);
    expect(keeper().local()?.body).toBe('Hi');
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(saved).toEqual(['Hi']);
  });
  it('is saved at the next chance when the server was away', async () => {
    const draft = keeper();
    away = true;
    draft.keep('Hi', false, [], 1);
    await draft.flush();
    away = false;
    await draft.flush();
    expect(saved).toEqual(['Hi']);
  });
  it('leaves nothing behind once it is emptied', async () => {
    const draft = keeper();
    draft.keep('', false, [], 1);
    await draft.flush();
    expect(stored.size).toBe(0);
  });
  it('keeps files without words', async () => {
    const draft = keeper();
    draft.keep('', false, [{ id: 3 } as Attachment], 1);
    await draft.flush();
    expect(keeper().local()?.files).toEqual([{ id: 3 }]);
  });
});
