/** Flows to begin with. The words in them are examples, to be changed by whoever makes the flow. */
import { m } from '../paraglide/messages';

type Template = { key: string; title: () => string; text: () => string; body: string };

export const templates: Template[] = [
  {
    key: 'request',
    title: m.template_request,
    text: m.template_request_text,
    body: `when:
  - keyword: request
steps:
  menu:
    choose: What do you need?
    options:
      - booking: Room request
      - talk: Something else
  booking:
    ask: What is your booking number?
    save: booking
  what:
    ask: What should we ask the hotel for?
    save: wish
  file:
    request: room
    summary: "{{ answers.wish }} ({{ answers.booking }})"
  done:
    end: "{{ answers.wish }}: added to your file. Requests are never guaranteed."
  talk:
    handoff:
    reason: asked for something else
    say: A person will answer you here.
`,
  },
  {
    key: 'menu',
    title: m.template_menu,
    text: m.template_menu_text,
    body: `when:
  - first message
  - nothing else fits
steps:
  menu:
    choose: Hello! How can we help?
    options:
      - hours: Opening hours
      - talk: Talk to a person
  hours:
    end: We are there from 9 to 5, Monday to Friday.
  talk:
    handoff:
    reason: chose to talk to a person
    say: A person will answer you here.
`,
  },
  {
    key: 'hours',
    title: m.template_hours,
    text: m.template_hours_text,
    body: `when:
  - outside hours
steps:
  sorry:
    say: Thank you for writing. We are closed now and answer in the morning.
  talk:
    handoff:
    reason: wrote outside business hours
`,
  },
  {
    key: 'empty',
    title: m.template_empty,
    text: m.template_empty_text,
    body: `when:
  - keyword: hello
steps:
  hello:
    end: Hello!
`,
  },
];

/** A flow's name from its title: small letters, digits and hyphens, beginning with a letter. */
export function slug(title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return plain.slice(0, 60) || 'flow';
}

/** The whole text of a new flow. JSON's way to quote a text is also YAML's. */
export const fill = (template: Template, title: string): string =>
  `name: ${slug(title)}\ntitle: ${JSON.stringify(title)}\n${template.body}`;
