import { defineConfig } from '@playwright/test';

/** Drives a running Rapport with the demo company in it: `RAPPORT_URL=http://127.0.0.1:8080 npm run e2e`. */
export default defineConfig({
  testDir: 'e2e',
  workers: 1,
  timeout: 30_000,
  use: {
    baseURL: process.env.RAPPORT_URL ?? 'http://127.0.0.1:8080',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
    trace: 'retain-on-failure',
  },
});
