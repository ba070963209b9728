/** The short lists that many screens choose from: people, teams, channels, views, canned replies, flows. Each loads once. */
import { all } from '../api/client';
import type { Canned, Channel, Flow, Ref, Team, User, View } from '../api/types';

class Shelf<T> {
  items = $state.raw<T[]>([]);
  loaded = $state(false);
  #loading: Promise<void> | null = null;

  constructor(private readonly path: string) {}

  /** Loads the list unless it is there or on its way. */
  want(): Promise<void> {
    if (this.loaded) return Promise.resolve();
    return (this.#loading ??= this.reload().finally(() => (this.#loading = null)));
  }

  async reload(): Promise<void> {
    this.items = await all<T>(this.path);
    this.loaded = true;
  }
}

export const directory = {
  users: new Shelf<User>('/users'),
  teams: new Shelf<Team>('/teams'),
  channels: new Shelf<Channel>('/channels'),
  views: new Shelf<View>('/views'),
  canned: new Shelf<Canned>('/canned-replies'),
  flows: new Shelf<Flow>('/flows'),
  partners: new Shelf<Ref>('/partners'),
};
