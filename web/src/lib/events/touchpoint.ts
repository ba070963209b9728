/** Events that websites, apps and tills tell of, and meetings away from them. */
import { identityWords } from '../file/identity';
import { whyWords } from '../file/joins';
import { duration } from '../numbers';
import { m } from '../paraglide/messages';
import { timeWords } from '../words';
import { line, type Of, type Telling } from './telling';

const source = ({ names }: { names: { source?: string | null } }) => names.source ?? m.event_source_gone();
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A page by its name, else by its path, else by its address. */
function pageOf({ data }: Of<'page_viewed'>): string {
  const { properties, context, name } = data as {
    name: string;
    properties: Record<string, unknown>;
    context: { page?: Record<string, unknown> };
  };
  const told = [name, properties.path, context.page?.path, properties.url, context.page?.url];
  const found = told.find((one): one is string => typeof one === 'string' && one !== '');
  return found ? line(found) : m.event_page_unnamed();
}

/** Several pages of one visit, the last one by its name. */
export const visitWords = (event: Of<'page_viewed'>, count: number): string =>
  m.event_pages({ count, page: pageOf(event), source: source(event) });

export const aboutTouchpoints = {
  customer_identified: (event) => {
    const told = Object.entries(event.data.traits as Record<string, unknown>)
      .filter(([, value]) => value !== null && value !== '')
      .map(([key, value]) => `${key} ${text(value)}`);
    if (told.length === 0) return m.event_identified_plain({ source: source(event) });
    return m.event_identified({ source: source(event), traits: line(told.join(', ')) });
  },
  action_tracked: (event) => m.event_tracked({ name: line(event.data.name), source: source(event) }),
  page_viewed: (event) => m.event_page({ page: pageOf(event), source: source(event) }),
  screen_viewed: (event) =>
    m.event_screen({
      screen: line(event.data.name) || m.event_screen_unnamed(),
      source: source(event),
    }),
  group_joined: (event) => m.event_group({ group: line(event.data.group), source: source(event) }),
  checked_in: ({ data }) =>
    data.given
      ? m.event_checked_in_with({ place: data.name, kind: identityWords(data.given_kind), value: data.given })
      : m.event_checked_in({ place: data.name }),
  call_logged: ({ data }, who) => {
    const told = data.direction === 'in' ? m.event_call_in : m.event_call_out;
    const length = data.duration_seconds > 0 ? duration(data.duration_seconds, timeWords()) : '';
    const details = [length, line(data.note)].filter(Boolean).join('; ');
    const call = told({ who, about: data.about });
    return details ? m.event_call_with({ told: call, details }) : call;
  },
  segment_entered: ({ data }) => m.event_segment_entered({ name: data.name }),
  segment_left: ({ data }) => m.event_segment_left({ name: data.name }),
  customer_merged: (event, who) => {
    const { because, ids, name } = event.data;
    // One from before the reasons were kept.
    if (!because) return m.event_customer_merged({ source: source(event) });
    const why = whyWords({ reason: because, ids, source: event.names.source });
    return name ? m.event_merged_with({ who, name, why }) : m.event_merged_with_nameless({ who, why });
  },
} satisfies Partial<Telling>;
