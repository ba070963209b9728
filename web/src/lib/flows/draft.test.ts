import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { toDiagnostics } from './codemirror';
import { keptText } from './draft.svelte';

describe('text that was not saved', () => {
  const stored = JSON.stringify({ version: 3, source: 'new' });
  it('comes back when the saved version is still the one it began with', () => {
    expect(keptText(stored, 3, 'old')).toBe('new');
  });
  it('stays away when somebody saved meanwhile, when it is the same, or when it cannot be read', () => {
    expect(keptText(stored, 4, 'old')).toBeNull();
    expect(keptText(stored, 3, 'new')).toBeNull();
    expect(keptText('{', 3, 'old')).toBeNull();
    expect(keptText(null, 3, 'old')).toBeNull();
  });
});

describe('marks in the editor', () => {
  const state = EditorState.create({ doc: 'name: a\nsteps:\n' });
  const mark = (line: number, column: number) =>
    toDiagnostics(state, [{ line, column, severity: 'error', message: 'no' }]).map(({ from, to }) => [
      from,
      to,
    ]);
  it('stand under the rest of the line', () => {
    expect(mark(1, 7)).toEqual([[6, 7]]);
    expect(mark(2, 1)).toEqual([[8, 14]]);
  });
  it('never leave the text', () => {
    expect(mark(99, 99)).toEqual([[15, 15]]);
    expect(mark(0, 0)).toEqual([[0, 7]]);
  });
});
