/**
 * What somebody has begun to write. Kept in this browser with every key, and on the server a moment later, so that
 * neither a reload nor another machine loses it. The newer of the two wins.
 */
import { api } from '../api/client';
import type { Attachment, Draft } from '../api/types';
import { own } from '../own';

/** `files`: what goes with the reply; they wait in this browser only. */
export type LocalDraft = { body: string; is_note: boolean; at: number; files?: Attachment[] };
type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;
const KEY = (conversation: number) => own(`draft.${conversation}`);
export const QUIET_MS = 800;

/** The draft to show: the newer one. An emptied draft counts, or sent words would come back. */
export function newer(local: LocalDraft | null, server: Draft | null): LocalDraft {
  const theirs: LocalDraft = {
    body: server?.body ?? '',
    is_note: server?.is_note ?? false,
    at: server?.updated_at ? Date.parse(server.updated_at) : 0,
  };
  if (!local || local.at >= theirs.at) return local ?? theirs;
  // The server has our words a moment after we do, and never the files.
  return local.body === theirs.body ? { ...theirs, files: local.files } : theirs;
}

type Save = (conversation: number, draft: LocalDraft, leaving: boolean) => Promise<void>;

const saveOnServer: Save = async (conversation, draft, leaving) => {
  const path = `/conversations/${conversation}/draft` as const;
  const put = leaving ? api.putLeaving : api.put;
  if (draft.body === '') await api.delete(path);
  else await put(path, { body: draft.body, is_note: draft.is_note });
};

/** The draft of one conversation while it is open. */
export class DraftKeeper {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsaved: LocalDraft | null = null;

  constructor(
    readonly conversation: number,
    private readonly onsaved: (saved: boolean) => void = () => {},
    private readonly storage: Storage = localStorage,
    private readonly save: Save = saveOnServer,
  ) {}

  local(): LocalDraft | null {
    try {
      return JSON.parse(this.storage.getItem(KEY(this.conversation)) ?? 'null') as LocalDraft | null;
    } catch {
      return null;
    }
  }

  /** Keeps what is written now, here at once and on the server when the keys rest. */
  keep(body: string, is_note: boolean, files: Attachment[] = [], now = Date.now()): void {
    const draft = { body, is_note, at: now, files };
    this.#unsaved = draft;
    try {
      this.storage.setItem(KEY(this.conversation), JSON.stringify(draft));
    } catch {
      // A full or closed storage: the server still keeps it.
    }
    this.onsaved(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), QUIET_MS);
  }

  /** Saves what is not yet saved; keeps it for the next chance when the server is away. */
  async flush(leaving = false): Promise<void> {
    clearTimeout(this.#timer);
    const draft = this.#unsaved;
    if (!draft) return;
    this.#unsaved = null;
    try {
      await this.save(this.conversation, draft, leaving);
      const nothing = draft.body === '' && !draft.files?.length;
      if (nothing && this.local()?.at === draft.at) this.storage.removeItem(KEY(this.conversation));
      this.onsaved(true);
    } catch {
      this.#unsaved ??= draft;
    }
  }
}
