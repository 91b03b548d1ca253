import { Agent, createServer, request } from 'node:http'
import { Transform } from 'node:stream'

/** A reverse proxy that can break in the usual ways, slow bodies down, and count what passes. */
export class Proxy {
  url = ''
  /** Answers 502 to everything while true. */
  broken = false
  /** Answers requests for uploads with a page of its own while true, as the portal of a hotel does. */
  portal = false
  /** Answers 413 to longer bodies, as proxies do; 0 lets all through. */
  cap = 0
  /** Answers requests to the server with this status while it is not 0, as a server does. */
  refusal = 0
  /** Answers 401 to requests for uploads without this bearer token, where it is not empty. */
  token = ''
  /** The name of a header that it takes out of every answer. */
  withheld = ''
  /** Headers that it puts into every answer in place of the server's. */
  forged = {}
  /** Body bytes a second of each request to the server; 0 is no limit. */
  limit = 0
  /** The path under which it shows the server. */
  prefix = ''
  /** Requests as {method, status, offset, bytes}; bytes of the body that went through. */
  requests = []
  #target
  #server
  #running = new Set()
  #agent = new Agent({ keepAlive: true })

  static async start(target) {
    const proxy = new Proxy()
    proxy.#target = new URL(target)
    proxy.#server = createServer((req, res) => proxy.#pass(req, res))
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}/`
    return proxy
  }

  #pass(req, res) {
    const path = req.url.replace(this.prefix, '')
    const offset = Number(req.headers['upload-offset'] ?? -1)
    const { authorization } = req.headers
    const entry = { method: req.method, status: 0, offset, authorization, bytes: 0, frozen: false, socket: req.socket }
    if (path.startsWith('/files/')) this.requests.push(entry)
    const fail = () => {
      entry.status ||= 502
      if (res.headersSent) return res.destroy()
      res.writeHead(502, { Connection: 'close' }).end('bad gateway\n')
      req.resume()
    }
    if (this.broken) return fail()
    if (this.portal && path.startsWith('/files/')) {
      entry.status = 200
      res.writeHead(200, { 'Content-Type': 'text/html', Connection: 'close' }).end('<h1>Welcome</h1>')
      return req.resume()
    }
    if (this.cap && Number(req.headers['content-length'] ?? 0) > this.cap) {
      entry.status = 413
      res.writeHead(413, { 'Content-Type': 'text/html', Connection: 'close' }).end('<h1>Too Large</h1>')
      return req.resume()
    }
    if (this.refusal && path.startsWith('/files/')) {
      entry.status = this.refusal
      res.writeHead(this.refusal, { 'Tus-Resumable': '1.0.0', Connection: 'close' }).end('ERR_REFUSED: no\n')
      return req.resume()
    }
    // A browser asks for leave (OPTIONS) without the token.
    if (this.token && path.startsWith('/files/') && req.method !== 'OPTIONS' && authorization !== `Bearer ${this.token}`) {
      entry.status = 401
      res.writeHead(401, { 'WWW-Authenticate': 'Bearer', Connection: 'close' }).end('no token\n')
      return req.resume()
    }
    this.#running.add(entry)
    res.on('close', () => this.#running.delete(entry))
    const { hostname: host, port } = this.#target
    const options = { host, port, method: req.method, path, headers: req.headers, agent: this.#agent }
    const onward = request(options, (answer) => {
      entry.status = answer.statusCode
      const { [this.withheld]: _, ...headers } = answer.headers
      res.writeHead(answer.statusCode, { ...headers, ...this.forged })
      answer.pipe(res)
    })
    onward.on('error', fail)
    res.on('close', () => onward.destroy())
    req.pipe(this.#meter(entry)).pipe(onward)
  }

  #meter(entry) {
    const proxy = this
    return new Transform({
      transform(chunk, _, done) {
        entry.bytes += chunk.length
        if (entry.frozen) return // and never go on, as behind a link that went away
        if (proxy.limit) setTimeout(done, (1_000 * chunk.length) / proxy.limit, null, chunk)
        else done(null, chunk)
      },
    })
  }

  /** Cuts the connections of all running requests. */
  cut() {
    for (const { socket } of this.#running) socket.destroy()
  }

  /** Lets the running requests hang for ever, without telling anybody. */
  freeze() {
    for (const entry of this.#running) entry.frozen = true
  }

  count(method) {
    return this.requests.filter((request) => request.method === method).length
  }

  /** Body bytes of all requests with the method. */
  bytes(method) {
    return this.requests.filter((r) => r.method === method).reduce((sum, r) => sum + r.bytes, 0)
  }

  async stop() {
    this.#agent.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
