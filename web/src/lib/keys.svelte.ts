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
  /** What it gives back is waited for before a key that was held is obeyed. */
  run: () => unknown;
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

type Place = 'page' | 'field' | 'dialog';

/** Where a press goes: to a field that somebody types into, to a dialog, or to the page itself. */
function placeOf(target: EventTarget | null): Place {
  if (typeof Element === 'undefined' || !(target instanceof Element)) return 'page';
  const field =
    'input:not([type=checkbox],[type=radio],[type=button]),textarea,select,[contenteditable=true]';
  if (target.closest(field)) return 'field';
  return target.closest('[role=dialog],[role=menu],[role=listbox]') ? 'dialog' : 'page';
}

/** Writes into a field what a key would have written. */
function typeInto(field: Element | null, key: string): void {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  const [start, end] = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
  if (key.length === 1) field.setRangeText(key, start, end, 'end');
  else if (key === 'Enter') field.setRangeText('\n', start, end, 'end');
  else if (key === 'Backspace')
    field.setRangeText('', start === end ? Math.max(start - 1, 0) : start, end, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
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

/** What must not be lost while the screen changes: keys, words, and what corrects and sends the words. */
const KEPT = /^(Shift\+|Alt\+)?.$/u;
const KEPT_AFTER = /^(Space|Backspace|(Mod\+|Alt\+)?(Shift\+)?Enter)$/;

class Keys {
  /** What the sheet and the palette draw. */
  commands = $state.raw<Command[]>([]);
  /** What holds, also while one screen goes and another one comes: then a state still tells what was before. */
  #commands: Command[] = [];
  sheetOpen = $state(false);
  paletteOpen = $state(false);
  #pending = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #holds = 0;
  #kept: KeyboardEvent[] = [];

  /** Adds commands; the returned function takes them away again. */
  register(commands: Command[]): () => void {
    this.commands = this.#commands = [...this.#commands, ...commands];
    return () => {
      this.commands = this.#commands = this.#commands.filter((c) => !commands.includes(c));
    };
  }

  /**
   * Keeps presses until the screen they are meant for is there, and obeys them then. `doing` says whether it came: what
   * was meant for a conversation that does not open must not go to the one before it.
   */
  async hold(doing: Promise<boolean>): Promise<void> {
    this.#holds++;
    const came = await doing.catch(() => false);
    if (!came) this.#kept = [];
    // Still held while they are obeyed, so that the next press stays behind them.
    if (this.#holds === 1) await this.#obeyKept();
    this.#holds--;
  }

  handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    const place = placeOf(event.target);
    if (this.#holds > 0 && place === 'page' && this.#isKept(nameOf(event))) {
      event.preventDefault();
      // A key held down asks again and again; the last answer is soon enough.
      if (!event.repeat) this.#kept.push(event);
      return;
    }
    if (event.key === 'Escape') this.#kept = [];
    const command = this.#find(nameOf(event), place);
    if (!command) return;
    event.preventDefault();
    void command.run();
  };

  /** Alone, Enter and Space belong to the button or link that has the focus. */
  #isKept(name: string): boolean {
    return KEPT.test(name) || (this.#kept.length > 0 && KEPT_AFTER.test(name));
  }

  #find(name: string, place: Place): Command | null {
    const plain = !name.startsWith('Mod+') && !name.startsWith('Alt+');
    const allowed = this.#commands.filter((c) => !plain || c.whileTyping || place === 'page');
    const { command, pending } = match(allowed, this.#pending, name);
    clearTimeout(this.#timer);
    this.#pending = pending;
    if (pending) this.#timer = setTimeout(() => (this.#pending = ''), SEQUENCE_MS);
    return command;
  }

  async #obeyKept(): Promise<void> {
    // One that opens yet another screen leaves the rest to that screen's hold.
    for (let event = this.#kept.shift(); event; event = this.#holds === 1 ? this.#kept.shift() : undefined) {
      const command = this.#find(nameOf(event), placeOf(document.activeElement));
      if (command) await command.run();
      else typeInto(document.activeElement, event.key);
    }
  }
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
