import { describe, expect, it } from 'vitest';
import { fill, slug, templates } from './templates';

describe('a new flow', () => {
  it('is named after its title', () => {
    expect(slug('Special requests')).toBe('special-requests');
    expect(slug('Grüße & Wünsche!')).toBe('gru-e-wunsche');
    expect(slug('24 h service')).toBe('h-service');
    expect(slug('？')).toBe('flow');
  });
  it('quotes the title', () => {
    expect(fill(templates[0]!, 'Say "hi": now')).toContain('title: "Say \\"hi\\": now"\nwhen:\n');
  });
});
