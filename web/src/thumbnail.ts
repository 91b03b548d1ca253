const height = 80
// Decoding takes memory for every pixel, so no posters.
const largestImage = 24 << 20
const patience = 5_000

// One at a time: a folder of photographs must not fight with its own upload.
let turn: Promise<unknown> = Promise.resolve()

/** A small picture of an image or a video; null where the browser cannot make one. */
export function thumbnail(file: File, signal: AbortSignal): Promise<ImageBitmap | null> {
  const made = turn.then(() => (signal.aborted ? null : make(file)))
  turn = made.catch(() => null)
  return made.catch(() => null)
}

function make(file: File): Promise<ImageBitmap | null> {
  if (file.type.startsWith('video/')) return ofVideo(file)
  return file.size <= largestImage ? createImageBitmap(file, { resizeHeight: height }) : Promise.resolve(null)
}

async function ofVideo(file: File): Promise<ImageBitmap> {
  const video = document.createElement('video')
  const url = URL.createObjectURL(file)
  try {
    video.muted = true
    await happens(video, 'loadeddata', () => (video.src = url))
    // The first picture of a film is often black.
    await happens(video, 'seeked', () => (video.currentTime = Math.min(1, video.duration / 4)))
    return await createImageBitmap(video, { resizeHeight: height })
  } finally {
    video.removeAttribute('src')
    URL.revokeObjectURL(url)
  }
}

function happens(video: HTMLVideoElement, event: 'loadeddata' | 'seeked', act: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, resolve, { once: true })
    video.addEventListener('error', reject, { once: true })
    setTimeout(reject, patience)
    act()
  })
}
