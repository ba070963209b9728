/** The short lists that many screens choose from: people, teams, channels, views, canned replies, flows. Each loads once. */
import { all } from '../api/client';
import type { Item, ListRoute } from '../api/routes';

class Shelf<R extends ListRoute> {
  items = $state.raw<Item<R>[]>([]);
  loaded = $state(false);
  #loading: Promise<void> | null = null;

  constructor(private readonly path: R) {}

  /** Loads the list unless it is there or on its way. */
  want(): Promise<void> {
    if (this.loaded) return Promise.resolve();
    return (this.#loading ??= this.reload().finally(() => (this.#loading = null)));
  }

  async reload(): Promise<void> {
    this.items = await all(this.path);
    this.loaded = true;
  }
}

export const directory = {
  users: new Shelf('/users'),
  teams: new Shelf('/teams'),
  channels: new Shelf('/channels'),
  views: new Shelf('/views'),
  canned: new Shelf('/canned-replies'),
  flows: new Shelf('/flows'),
  partners: new Shelf('/partners'),
};
