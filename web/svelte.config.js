import adapter from '@sveltejs/adapter-static';

/** A static app: the server hands out the files and answers every other path with index.html. */
export default {
  // A dialog or a keyed view begins with the values it was opened with; that is meant.
  compilerOptions: { warningFilter: (warning) => warning.code !== 'state_referenced_locally' },
  kit: {
    adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: false }),
    csp: {
      mode: 'hash',
      directives: { 'script-src': ['self'], 'object-src': ['none'], 'base-uri': ['self'] },
    },
    version: { pollInterval: 0 },
  },
};
