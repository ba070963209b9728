/**
 * Every key the app answers to. Screens register their keys while they are shown; the `?` sheet and the command
 * palette are drawn from the same list, so that what is shown is what works.
 */
import { onDestroy } from 'svelte';

export type KeyGroup = 'go' | 'list' | 'conversation' | 'write' | 'app';
export type Command = {
  id: string;
  /** "j", "?", "Shift+J", "Mod+K", "Alt+1", or a sequence: "g i". Null: only in the palette. */
  keys: string | null;
  label: () => string;
  group: KeyGroup;
  run: () => void;
  /** Fires while typing, too. Combinations with Mod or Alt always do. */
  whileTyping?: boolean;
  /** Not offered in the palette (moving through a list, say). */
  hidden?: boolean;
  enabled?: () => boolean;
};

const SEQUENCE_MS = 1_200;
const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/** The name of a key press in the notation of {@link Command.keys}. */
export function nameOf(event: KeyPress, mac = isMac): string {
  const mod = mac ? event.metaKey : event.ctrlKey;
  const digit = /^Digit(\d)$/.exec(event.code ?? '');
  // Alt changes what a letter key types on some keyboards; digits are read by their place.
  let key = event.altKey && digit ? digit[1]! : event.key;
  if (key === ' ') key = 'Space';
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  let name = '';
  if (mod) name += 'Mod+';
  if (event.altKey) name += 'Alt+';
  if (event.shiftKey && (letter || key.length > 1)) name += 'Shift+';
  if (letter) key = mod || event.altKey || event.shiftKey ? key.toUpperCase() : key.toLowerCase();
  return name + key;
}

/** Whether the press belongs to a field that somebody types into. */
function isTyping(target: EventTarget | null): boolean {
  if (typeof Element === 'undefined' || !(target instanceof Element)) return false;
  return (
    target.closest(
      'input:not([type=checkbox],[type=radio],[type=button]),textarea,select,[contenteditable=true]',
    ) !== null
  );
}

/** Finds the command for a press after the presses before it. `pending`: the start of a longer sequence. */
export function match(
  commands: Command[],
  before: string,
  name: string,
): { command: Command | null; pending: string } {
  const tries = before ? [`${before} ${name}`, name] : [name];
  for (const sequence of tries) {
    // The last to register wins: a dialog's keys over those of the page beneath.
    const command = commands.findLast((c) => c.keys === sequence && (c.enabled?.() ?? true));
    if (command) return { command, pending: '' };
    if (commands.some((c) => c.keys?.startsWith(`${sequence} `))) return { command: null, pending: sequence };
  }
  return { command: null, pending: '' };
}

class Keys {
  commands = $state.raw<Command[]>([]);
  sheetOpen = $state(false);
  paletteOpen = $state(false);
  #pending = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Adds commands; the returned function takes them away again. */
  register(commands: Command[]): () => void {
    this.commands = [...this.commands, ...commands];
    return () => {
      this.commands = this.commands.filter((c) => !commands.includes(c));
    };
  }

  handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    const name = nameOf(event);
    const plain = !name.startsWith('Mod+') && !name.startsWith('Alt+');
    const typing = isTyping(event.target);
    const inDialog =
      event.target instanceof Element &&
      event.target.closest('[role=dialog],[role=menu],[role=listbox]') !== null;
    const allowed = this.commands.filter((c) => !plain || c.whileTyping || (!typing && !inDialog));
    const { command, pending } = match(allowed, this.#pending, name);
    clearTimeout(this.#timer);
    this.#pending = pending;
    if (pending) this.#timer = setTimeout(() => (this.#pending = ''), SEQUENCE_MS);
    if (!command) return;
    event.preventDefault();
    command.run();
  };
}

export const keys = new Keys();

/** Registers commands for as long as the calling component lives. Call it while the component is set up. */
export function useKeys(commands: Command[]): void {
  onDestroy(keys.register(commands));
}

const SYMBOLS: Record<string, string> = isMac
  ? { Mod: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↵', Escape: 'Esc' }
  : { Mod: 'Ctrl', Enter: '↵', Escape: 'Esc' };

/** The caps to draw for a command's keys: `["Ctrl", "K"]`, `["g", "i"]`. */
export function caps(sequence: string): string[] {
  return sequence
    .split(' ')
    .flatMap((press) => (press === '+' ? ['+'] : press.split('+')))
    .map((cap) => SYMBOLS[cap] ?? cap);
}
