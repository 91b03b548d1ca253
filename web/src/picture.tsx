import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

/** What stands before a row: a small picture of an image or a video, else the icon of its state. */
export function Picture({ file, icon }: { file: File; icon: IconName }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [bitmap, setBitmap] = useState<ImageBitmap | null>(null)
  useEffect(() => {
    if (!/^(image|video)\//.test(file.type)) return
    const gone = new AbortController()
    void import('./thumbnail.ts')
      .then(({ thumbnail }) => thumbnail(file, gone.signal))
      .then((made) => (gone.signal.aborted ? made?.close() : setBitmap(made)), () => {})
    return () => gone.abort()
  }, [file])
  useEffect(() => {
    if (!bitmap) return
    canvas.current!.width = bitmap.width
    canvas.current!.height = bitmap.height
    canvas.current!.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap)
  }, [bitmap])
  return bitmap ? <canvas ref={canvas} class="picture" aria-hidden="true" /> : <Icon name={icon} />
}
