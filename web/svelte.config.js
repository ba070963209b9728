import adapter from '@sveltejs/adapter-static';

/** A static app: the server hands out the files and answers every other path with index.html. */
export default {
  kit: {
    adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: false }),
    csp: {
      mode: 'hash',
      directives: { 'script-src': ['self'], 'object-src': ['none'], 'base-uri': ['self'] },
    },
    version: { pollInterval: 0 },
  },
};
