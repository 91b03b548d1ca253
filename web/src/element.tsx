import { render } from 'preact'
import { App } from './app.tsx'
import { authorize } from './credentials.ts'
import { language, messages, speak } from './messages.ts'
import { Page } from './page.ts'
import css from './style/all.css?inline'
import own from './style/element.css?inline'

const style = new CSSStyleSheet()
style.replaceSync(css + own)

/**
 * <longhaul-upload endpoint="https://files.example/files/" token="…">: the page as an element of
 * other people's pages. endpoint is required; a token goes along as a bearer token. Files are
 * taken when they are dropped on the element. For each file that arrived it dispatches an
 * "uploaded" event whose detail has its url, name and size.
 */
class LonghaulUpload extends HTMLElement {
  static observedAttributes = ['endpoint', 'token']
  #page: Page | null = null

  connectedCallback(): void {
    const endpoint = this.#endpoint()
    if (this.#page || !endpoint) return
    const root = this.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [style]
    const app = document.createElement('div')
    app.id = 'app'
    app.lang = language
    app.dir = messages.dir
    root.append(app)
    this.#page = new Page(endpoint)
    this.#page.uploaded = ({ url, path, file }) => {
      const detail = { url, name: path, size: file.size }
      this.dispatchEvent(new CustomEvent('uploaded', { detail, bubbles: true }))
    }
    render(<App page={this.#page} target={this} />, app)
  }

  attributeChangedCallback(): void {
    const endpoint = this.#endpoint()
    if (endpoint) authorize(endpoint, this.getAttribute('token') ?? '')
    if (this.isConnected) this.connectedCallback()
  }

  /** Absolute, and ending in a slash; null without the attribute. */
  #endpoint(): string | null {
    const given = this.getAttribute('endpoint')
    return given ? new URL(given.replace(/\/*$/, '/'), document.baseURI).href : null
  }
}

await speak(navigator.languages)
customElements.define('longhaul-upload', LonghaulUpload)
