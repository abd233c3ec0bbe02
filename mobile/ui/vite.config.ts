import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // Safari 15 and the WebView of Android 10 are the oldest that the app meets.
  build: { target: ['es2021', 'safari15', 'chrome91'], cssTarget: ['safari15', 'chrome91'], assetsInlineLimit: 0, modulePreload: false },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, resolve: { conditions: ['browser'] }, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], environment: 'jsdom' } },
      { extends: true, test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], environment: 'node' } },
    ],
  },
});
