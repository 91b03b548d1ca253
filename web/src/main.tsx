import { render } from 'preact'
import { App } from './app.tsx'
import { language, messages, speak } from './messages.ts'
import { Page } from './page.ts'
import './style/all.css'

await speak(navigator.languages)
document.documentElement.lang = language
document.documentElement.dir = messages.dir

// The server writes the endpoint into the page, relative to it: a proxy may move both.
const meta = document.querySelector<HTMLMetaElement>('meta[name="longhaul-endpoint"]')!
const page = new Page(new URL(meta.content, document.baseURI).href)
page.title = (text) => (document.title = text)

render(<App page={page} target={window} />, document.getElementById('app')!)
