// Runs before the first paint, so that a chosen theme never flashes. `theme.svelte.ts` writes the same key.
try {
  const theme = localStorage.getItem('rapport.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be closed to us; the system's choice stands.
}
