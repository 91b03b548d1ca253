/**
 * Calls paint at most once a frame, however often it is asked. A hidden page gets no frames, so
 * there a timer stands in: the tab's title goes on telling how far things are.
 */
export function perFrame(paint: () => void): () => void {
  let asked = false
  const run = () => {
    if (!asked) return
    asked = false
    paint()
  }
  document.addEventListener('visibilitychange', run)
  return () => {
    if (asked) return
    asked = true
    if (document.hidden) setTimeout(run, 500)
    else requestAnimationFrame(run)
  }
}
