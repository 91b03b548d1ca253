/** Puts the text of an element on the clipboard; false if the browser refuses, with the text selected then. */
export async function copy(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent!)
    return true
  } catch {
    // Plain http has no clipboard, but the older way works there.
    getSelection()!.selectAllChildren(element)
    return document.execCommand('copy')
  }
}
