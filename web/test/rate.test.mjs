import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rate } from '../src/rate.ts'

/** Notes a steady transfer of speed bytes a second from one second to another. */
function flow(rate, speed, from, to, bytes = 0) {
  for (let t = from * 1000; t <= to * 1000; t += 50) rate.note(bytes + ((t - from * 1000) * speed) / 1000, t)
  return bytes + (to - from) * speed
}

const near = (got, want) => assert.ok(Math.abs(got - want) <= want / 20, `${got}, want about ${want}`)

test('nothing is told before there is something to tell', () => {
  const rate = new Rate()
  assert.equal(rate.speed(0), 0)
  flow(rate, 1000, 0, 1)
  assert.equal(rate.speed(1000), 0)
  assert.equal(rate.remaining(5000, 1000), null)
})

test('speed follows the last seconds and sinks in a stall', () => {
  const rate = new Rate()
  const sent = flow(rate, 1000, 0, 60)
  near(rate.speed(60_000), 1000)
  flow(rate, 3000, 60, 80, sent)
  near(rate.speed(80_000), 3000)
  assert.ok(rate.speed(100_000) < 1300)
})

test('remaining time counts down steadily while the speed wobbles', () => {
  const rate = new Rate()
  const whole = 100_000
  let last = Infinity
  let sent = 0
  for (let second = 0; second < 60; second++) {
    sent = flow(rate, second % 2 ? 900 : 1100, second, second + 1, sent)
    const left = rate.remaining(whole - sent, (second + 1) * 1000)
    if (left === null) continue
    assert.ok(left < last, `second ${second}: ${left} after ${last}`)
    last = left
  }
  near(last, 40)
})

test('remaining time follows a link that really got slower', () => {
  const rate = new Rate()
  const sent = flow(rate, 1000, 0, 20)
  near(rate.remaining(20_000, 20_000), 20)
  flow(rate, 100, 20, 40, sent)
  near(rate.remaining(10_000, 40_000), 100)
})

test('a reset forgets', () => {
  const rate = new Rate()
  flow(rate, 1000, 0, 10)
  rate.reset()
  assert.equal(rate.speed(10_000), 0)
  assert.equal(rate.remaining(1, 10_000), null)
})
