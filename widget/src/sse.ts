/** Server-sent events out of a stream of text (WHATWG HTML §9.2). Pure: a browser's own reader cannot send a token along. */

export type ServerEvent = { event: string; data: string };

/** Puts events together from pieces of text that end anywhere. */
export class EventReader {
  #rest = '';
  #event = '';
  #data: string[] = [];

  /** Gives the events that this piece completes. */
  push(piece: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line !== '') {
        this.#take(line);
        continue;
      }
      if (this.#data.length > 0) found.push({ event: this.#event || 'message', data: this.#data.join('\n') });
      [this.#event, this.#data] = ['', []];
    }
    return found;
  }

  #take(line: string): void {
    const [name, ...rest] = line.split(':');
    const value = rest.join(':').replace(/^ /, '');
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data.push(value);
  }
}
