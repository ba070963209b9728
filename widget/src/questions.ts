/** What a company asks before a chat begins, if it asks anything. */
import { h } from './dom';
import { fill, type Texts } from './texts';
import type { Question } from './wire';

/** What browsers can fill in by themselves, and which keys a phone shows. */
const KINDS: Record<string, [type: string, autocomplete: string]> = {
  email: ['email', 'email'],
  phone: ['tel', 'tel'],
  name: ['text', 'name'],
};

/** Makes the form; `done` is called with the answers when all that is required has one. */
export function ask(
  questions: Question[],
  texts: Texts,
  done: (answers: Record<string, string>) => void,
): HTMLFormElement {
  const fields = questions.map(({ key, label, is_required }) => {
    const [type, autocomplete] = KINDS[key] ?? ['text', 'off'];
    const input = h('input', { name: key, type, required: is_required, autocomplete, maxlength: '500' });
    const words = is_required ? label : fill(texts.optional, { label });
    return { key, input, row: h('label', {}, h('span', { dir: 'auto' }, words), input) };
  });
  const submit = (event: Event) => {
    event.preventDefault();
    const told = fields.map(({ key, input }) => [key, input.value.trim()] as const);
    done(Object.fromEntries(told.filter(([, value]) => value)));
  };
  const button = h('button', { type: 'submit', class: 'begin' }, texts.begin);
  return h('form', { class: 'questions', submit }, ...fields.map(({ row }) => row), button);
}
