/** The app runs in the browser alone; the server serves files and the API. */
export const ssr = false;
export const prerender = false;
