import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArrivedMixed, FileChanged, InOtherTab, OtherContent, Refused, Stalled, Unproven, Unreachable } from '../src/errors.ts'
import { extentOf, uploadURL } from '../src/server.ts'
import { judge } from '../src/trouble.ts'

/** An answer of the server, or of something before it. */
const answer = (status, text = '', headers = { 'Tus-Resumable': '1.0.0' }) =>
  new Refused(status, (name) => headers[name] ?? null, text)
/** Judges an error of an upload that the server knew. */
const decide = (error) => judge(error, true)
const proxy = (status) => answer(status, '<html>', {})

test('what may pass is tried again', () => {
  const passing = [
    new Unreachable(),
    new Stalled(),
    new Unproven(),
    ...[408, 409, 423, 425, 429, 460, 500, 502, 503, 504, 507].map((status) => answer(status)),
    ...[404, 410, 400, 502].map(proxy),
    answer(400, 'ERR_UPLOAD_INTERRUPTED: another request took over'),
    answer(400, 'ERR_UNEXPECTED_EOF: the body ended early'),
  ]
  for (const error of passing) assert.equal(decide(error).then, 'retry', `${error.status} ${error.text}`)
})

test('only the server itself can say that an upload is gone', () => {
  assert.equal(decide(answer(404)).then, 'start over')
  assert.equal(decide(answer(410)).then, 'start over')
  assert.equal(decide(proxy(404)).then, 'retry')
})

test('what does not pass fails, says why and what to do', () => {
  for (const status of [400, 401, 403, 412, 413, 415]) {
    const trouble = decide(answer(status, 'ERR_X: no.'))
    assert.equal(trouble.then, 'fail', String(status))
    assert.ok(trouble.failure.why && trouble.failure.advice)
  }
  assert.equal(decide(proxy(413)).then, 'fail')
  assert.equal(decide(new InOtherTab()).failure.offer, 'retry')
})

test('a server without the endpoint has not lost an upload', () => {
  assert.equal(judge(answer(404), false).then, 'retry')
})

test('a changed file is never continued', () => {
  assert.equal(decide(new FileChanged()).failure.offer, 'nothing')
  assert.equal(decide(new OtherContent()).failure.offer, 'anew')
  assert.equal(decide(new ArrivedMixed()).failure.offer, 'delete')
})

test('the server may ask for a pause', () => {
  assert.equal(decide(answer(503, '', { 'Retry-After': '7' })).wait, 7_000)
  const at = (ms) => new Date(Date.now() + ms).toUTCString()
  const { wait } = decide(answer(503, '', { 'Retry-After': at(60_000) }))
  assert.ok(wait > 50_000 && wait <= 60_000, `${wait}`)
  for (const past of [at(-60_000), 'soon', '-5']) {
    assert.equal(decide(answer(503, '', { 'Retry-After': past })).wait, 0, past)
  }
})

test('only an answer that says it properly tells what the server holds', () => {
  const told = (offset, length) =>
    extentOf(200, (name) => ({ 'Upload-Offset': offset, 'Upload-Length': length })[name] ?? null)
  assert.deepEqual(told('0', '0'), { offset: 0, length: 0 })
  assert.deepEqual(told('7', '9'), { offset: 7, length: 9 })
  const noCount = [undefined, '', '-1', '1.5', '1e3', 'x'].flatMap((value) => [[value, '9'], ['7', value]])
  for (const [offset, length] of [...noCount, ['10', '9'], []]) assert.throws(() => told(offset, length), Refused, `${offset} of ${length}`)
})

test('an upload lives beside the endpoint whatever name the server knows itself by', () => {
  const endpoint = 'https://host.example/sub/files/'
  for (const location of ['http://10.0.0.7:8080/files/abc', '/files/abc', 'abc', 'http://10.0.0.7/files/abc/']) {
    assert.equal(uploadURL(location, endpoint), 'https://host.example/sub/files/abc')
  }
  assert.equal(uploadURL('/files/a:b', endpoint), 'https://host.example/sub/files/a:b')
})
