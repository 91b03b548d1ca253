/** Keeps the screen on while something is sent: a phone that falls asleep sends nothing. */
export class Awake {
  #wanted = false
  #lock: WakeLockSentinel | null = null

  constructor() {
    // The browser takes the lock away when the page is hidden.
    document.addEventListener('visibilitychange', () => this.#settle())
  }

  want(wanted: boolean): void {
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    this.#settle()
  }

  #settle(): void {
    if (!this.#wanted) {
      void this.#lock?.release()
      this.#lock = null
    } else if (!document.hidden && (!this.#lock || this.#lock.released)) {
      // Refused when the battery is low, and unknown on plain http: then it sleeps, and goes on later.
      navigator.wakeLock?.request('screen').then((lock) => this.#keep(lock), () => {})
    }
  }

  #keep(lock: WakeLockSentinel): void {
    if (this.#wanted) this.#lock = lock
    else void lock.release()
  }
}
