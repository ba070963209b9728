/** The kinds of steps: their signs and words. */
import Flag from '@lucide/svelte/icons/flag';
import CircleStop from '@lucide/svelte/icons/circle-stop';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import CornerDownRight from '@lucide/svelte/icons/corner-down-right';
import GitBranch from '@lucide/svelte/icons/git-branch';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import MessageCircleQuestion from '@lucide/svelte/icons/message-circle-question-mark';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Pencil from '@lucide/svelte/icons/pencil';
import Send from '@lucide/svelte/icons/send';
import Star from '@lucide/svelte/icons/star';
import TagIcon from '@lucide/svelte/icons/tag';
import UserRound from '@lucide/svelte/icons/user-round';
import { m } from '../paraglide/messages';

const KINDS = {
  say: { icon: MessageSquare, tone: 'var(--line-strong)', label: m.step_say },
  ask: { icon: MessageCircleQuestion, tone: 'var(--accent)', label: m.step_ask },
  choose: { icon: ListOrdered, tone: 'var(--accent)', label: m.step_choose },
  branch: { icon: GitBranch, tone: 'var(--ink-3)', label: m.step_branch },
  request: { icon: ClipboardCheck, tone: 'var(--good)', label: m.step_request },
  submit: { icon: Send, tone: 'var(--good)', label: m.step_submit },
  set: { icon: Pencil, tone: 'var(--ink-3)', label: m.step_set },
  tag: { icon: TagIcon, tone: 'var(--ink-3)', label: m.step_tag },
  survey: { icon: Star, tone: 'var(--accent)', label: m.step_survey },
  handoff: { icon: UserRound, tone: 'var(--warn)', label: m.step_handoff },
  goto: { icon: CornerDownRight, tone: 'var(--ink-3)', label: m.step_goto },
  end: { icon: CircleStop, tone: 'var(--ink-3)', label: m.step_end },
};

/** The look and the word of a kind; a kind we do not know yet shows its own name. */
export function kindOf(kind: string) {
  return (
    (KINDS as Record<string, (typeof KINDS)['say']>)[kind] ?? {
      icon: Flag,
      tone: 'var(--line-strong)',
      label: () => kind,
    }
  );
}
