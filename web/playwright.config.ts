import { defineConfig } from '@playwright/test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Drives a Rapport with the demo company in it: the one at RAPPORT_URL, or one of its own, started from RAPPORT_BIN
 * with a folder that nobody else uses.
 */
const isOwn = !process.env.RAPPORT_URL || process.env.RAPPORT_OWN === '1';
if (isOwn) {
  // Workers read this file again: what was chosen once must hold for them, too.
  process.env.RAPPORT_OWN = '1';
  process.env.RAPPORT_URL ??= `http://127.0.0.1:${20_000 + (process.pid % 10_000)}`;
  process.env.RAPPORT_DATA ??= mkdtempSync(join(tmpdir(), 'rapport-browser-'));
}
const url = process.env.RAPPORT_URL!;
process.env.RAPPORT_BIN ??= '../target/debug/rapport';

const LOOKING = /(fit|pages)\.spec\.ts$/;

export default defineConfig({
  testDir: 'e2e',
  // Two at a time, one of each sort: those that look at pages, and those that change what is there, which come one after the other.
  workers: 2,
  projects: [
    { name: 'look', testMatch: LOOKING, workers: 1 },
    { name: 'do', testIgnore: LOOKING, workers: 1 },
  ],
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: url,
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
    trace: 'retain-on-failure',
  },
  webServer: isOwn
    ? {
        command: `${process.env.RAPPORT_BIN} demo --data ${process.env.RAPPORT_DATA} --listen ${new URL(url).host}`,
        url: `${url}/readyz`,
        timeout: 60_000,
      }
    : undefined,
});
