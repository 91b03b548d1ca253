import { defineConfig } from 'vite'

// Every option here serves one of two ends: the page works below any path of a reverse proxy
// and under a policy without inline code, and the build is the same bytes on every machine.
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The library's own source: what it publishes by default is translated for browsers of ten
  // years ago, which costs a fifth of the page.
  resolve: { alias: { 'tus-js-client': 'tus-js-client/lib/browser/index.js' } },
  build: {
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    sourcemap: false,
    license: { fileName: 'licenses.md' },
  },
})
