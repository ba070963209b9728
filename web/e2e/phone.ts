import { expect, type APIRequestContext } from '@playwright/test';

let numbers = Date.now();
/** A number nobody has used before, so that runs do not meet each other. */
export const freshNumber = () => `+1202${4_200_000 + (numbers++ % 900_000)}`;

/** A customer's phone, without its screen. */
export class Phone {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly path: string,
    readonly number: string,
  ) {}

  static async pickUp(request: APIRequestContext, number = freshNumber()): Promise<Phone> {
    const channels = await (await request.get('/api/phone/channels')).json();
    const [channel] = channels.items ?? channels;
    return new Phone(request, `/api/phone/${channel.id}/${encodeURIComponent(number)}/messages`, number);
  }
  async text(body: string): Promise<void> {
    expect((await this.request.post(this.path, { data: { body } })).ok()).toBe(true);
  }
  async received(): Promise<string[]> {
    const { items } = await (await this.request.get(this.path)).json();
    return items
      .filter((one: { direction: string }) => one.direction === 'out')
      .map((one: { body: string }) => one.body);
  }
}
