/** Why two files are one person's, or may be, in words. */
import type { components } from '../api/schema';
import { m } from '../paraglide/messages';
import { identityWords } from './identity';

type Reason = components['schemas']['JoinReason'];
type NamedId = components['schemas']['NamedId'];
type Evidence = { reason: Reason; ids: NamedId[]; source?: string | null };

const idWords = ({ kind, value }: NamedId) => `${identityWords(kind)} ${value}`;

function together(ids: NamedId[]): string {
  const [one, other] = ids.map(idWords);
  return one && other ? m.joined_two_ids({ one, other }) : (one ?? '');
}

export function whyWords({ reason, ids, source }: Evidence): string {
  const value = ids[0]?.value ?? '';
  const words: Record<Reason, () => string> = {
    told_together: () =>
      source
        ? m.joined_because_told({ source, ids: together(ids) })
        : m.joined_because_told_once({ ids: together(ids) }),
    link: () => m.joined_because_link({ ids: together(ids) }),
    // By a token of the company's, in the chat.
    signed_in: () => m.joined_because_told_once({ ids: together(ids) }),
    same_email: () => m.joined_because_email({ value }),
    same_phone: () => m.joined_because_phone({ value }),
    by_hand: m.joined_because_person,
  };
  return words[reason]();
}

/** Why somebody is asked about two files. */
export function askWords({ reason, shared }: { reason: Reason; shared: NamedId }): string {
  return reason === 'told_together'
    ? m.same_person_together({ value: idWords(shared) })
    : whyWords({ reason, ids: [shared] });
}
