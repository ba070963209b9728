/** A picture and its numbers, to take away. */
import font from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';

/** A cell as CSV has it. Words that a table program would take for a formula are made words again. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as CSV (RFC 4180). */
export const csv = (rows: (string | number | null)[][]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Saves rows; the mark at the beginning tells table programs that it is UTF-8. */
export const saveCsv = (name: string, rows: (string | number | null)[][]): void =>
  save(`${name}.csv`, new Blob([`\uFEFF${csv(rows)}`], { type: 'text/csv' }));

const LOOKS = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-linejoin', 'stroke-dasharray'],
  ...['paint-order', 'opacity', 'font', 'text-anchor', 'dominant-baseline'],
];
const SHARPNESS = 2;

/** The page's own letters, to be written into a picture: one that stands alone may fetch nothing. */
async function letters(): Promise<string> {
  const file = await (await fetch(font)).blob();
  const told = await new Promise<string>((done) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.readAsDataURL(file);
  });
  return `@font-face{font-family:'Inter Variable';font-weight:100 900;src:url(${told}) format('woff2')}`;
}

/** A copy of a picture that stands alone: what the page's styles give it is written into it. */
function alone(svg: SVGSVGElement, width: number, height: number, styles: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')];
  from.forEach((element, index) => {
    const looks = getComputedStyle(element);
    const style = LOOKS.map((name) => `${name}:${looks.getPropertyValue(name)}`).join(';');
    to[index]!.setAttribute('style', style);
  });
  const own = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  own.textContent = styles;
  copy.prepend(own);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

/** Saves a picture as it is seen, on the ground that it stands on. */
export async function savePng(name: string, svg: SVGSVGElement): Promise<void> {
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(alone(svg, width, height, await letters()))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * SHARPNESS, height * SHARPNESS];
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = getComputedStyle(svg.closest('main') ?? document.body).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(SHARPNESS, SHARPNESS);
  pen.drawImage(image, 0, 0, width, height);
  const png = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (png) save(`${name}.png`, png);
}
