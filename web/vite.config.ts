import { type Plugin, defineConfig } from 'vite'

// Other people's pages name widget.js, so its name has to stay; what it loads changes its name
// with its content. It is no module, so that a plain <script src> can load it; a script of another
// origin has no address to begin from but the one of its element.
const widget: Plugin = {
  name: 'widget',
  generateBundle(_, bundle) {
    const element = Object.values(bundle).find(({ type, name }) => type === 'chunk' && name === 'element')!
    const source = `import(new URL("./${element.fileName}", document.currentScript.src))\n`
    this.emitFile({ type: 'asset', fileName: 'widget.js', source })
  },
}

// Every option here serves one of two ends: the page works below any path of a reverse proxy
// and under a policy without inline code, and the build is the same bytes on every machine.
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The library's own source: what it publishes by default is translated for browsers of ten
  // years ago, which costs a fifth of the page.
  plugins: [widget],
  resolve: { alias: { 'tus-js-client': 'tus-js-client/lib/browser/index.js' } },
  build: {
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: { input: ['index.html', 'src/element.tsx'] },
    license: { fileName: 'licenses.md' },
  },
})
