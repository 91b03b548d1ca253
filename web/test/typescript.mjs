// Lets Node 20, which knows no TypeScript, import the sources: node --import ./test/typescript.mjs
import { register } from 'node:module'

register('./load.mjs', import.meta.url)
