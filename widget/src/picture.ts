/**
 * Small pictures of files. They are fetched and drawn, not linked: a page whose policy allows the desk's answers (`connect-src`) often allows
 * no images of other sites. Where that fails, the file's link says its name all the same.
 */

const WIDE = 240;
const HIGH = 180;
const known = new Map<string, Promise<ImageBitmap | null>>();

/** A picture of a file; null where it cannot be shown. */
export async function pictureOf(token: string, address: string): Promise<HTMLCanvasElement | null> {
  let bitmap = known.get(token);
  if (!bitmap) known.set(token, (bitmap = load(address)));
  const image = await bitmap;
  if (!image) return null;
  const share = Math.min(1, WIDE / image.width, HIGH / image.height);
  const [width, height] = [image.width * share, image.height * share];
  const canvas = document.createElement('canvas');
  const sharpness = Math.min(2, devicePixelRatio || 1);
  [canvas.width, canvas.height] = [Math.ceil(width * sharpness), Math.ceil(height * sharpness)];
  canvas.style.width = `${width}px`;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.setAttribute('aria-hidden', 'true');
  return canvas;
}

async function load(address: string): Promise<ImageBitmap | null> {
  try {
    const answer = await fetch(address, { credentials: 'omit' });
    return answer.ok ? await createImageBitmap(await answer.blob()) : null;
  } catch {
    return null;
  }
}
