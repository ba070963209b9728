import { describe, expect, it } from 'vitest';
import { match, nameOf, type Command } from './keys.svelte';

const press = (
  key: string,
  held: Partial<Record<'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey', boolean>> = {},
  code = '',
) => ({
  key,
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});
const command = (keys: string, id = keys): Command => ({
  id,
  keys,
  label: () => id,
  group: 'app',
  run: () => {},
});

describe('the name of a press', () => {
  it.each([
    [press('j'), 'j'],
    [press('J', { shiftKey: true }), 'Shift+J'],
    [press('J'), 'j'],
    [press('?', { shiftKey: true }), '?'],
    [press('k', { ctrlKey: true }), 'Mod+K'],
    [press('Enter', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Enter'],
    [press('¡', { altKey: true }, 'Digit1'), 'Alt+1'],
    [press(' '), 'Space'],
  ])('%o', (event, name) => expect(nameOf(event, false)).toBe(name));

  it('is Mod for the command key on a Mac', () => {
    expect(nameOf(press('k', { metaKey: true }), true)).toBe('Mod+K');
    expect(nameOf(press('k', { ctrlKey: true }), true)).toBe('k');
  });
});

describe('matching', () => {
  const commands = [command('g i'), command('g c'), command('i'), command('e')];

  it('waits for the rest of a sequence', () => {
    expect(match(commands, '', 'g')).toEqual({ command: null, pending: 'g' });
    expect(match(commands, 'g', 'i').command?.id).toBe('g i');
  });
  it('falls back to the press alone when a sequence breaks', () => {
    expect(match(commands, 'g', 'e').command?.id).toBe('e');
    expect(match(commands, 'g', 'x')).toEqual({ command: null, pending: '' });
  });
  it('lets the last one registered win', () => {
    expect(match([command('e', 'page'), command('e', 'dialog')], '', 'e').command?.id).toBe('dialog');
  });
  it('passes over what is not enabled', () => {
    const off = { ...command('e', 'off'), enabled: () => false };
    expect(match([command('e', 'on'), off], '', 'e').command?.id).toBe('on');
  });
});
