/** An id that nobody else has. The browser's own way to make one is only there on encrypted pages. */
export const unused = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
