"""A picture with 256 colours instead of millions: a third of the bytes, and text looks the same.

The browser that took the picture counts its colours and keeps the most frequent; what is left is a PNG with a palette
(ISO/IEC 15948, colour type 3), written here.
"""

import base64
import struct
import zlib

from playwright.sync_api import Browser

REDUCE = """async ([picture]) => {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { width, height } = bitmap;
  const drawing = new OffscreenCanvas(width, height).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  const { data } = drawing.getImageData(0, 0, width, height);
  const colours = new Uint32Array(width * height), count = new Map();
  for (let i = 0; i < colours.length; i++) {
    colours[i] = (data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2];
    count.set(colours[i], (count.get(colours[i]) ?? 0) + 1);
  }
  const palette = [...count].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const place = new Map(palette.map((colour, index) => [colour, index]));
  const far = (a, b) => [16, 8, 0].reduce((sum, bits) => sum + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  for (const colour of count.keys()) {
    if (place.has(colour)) continue;
    let best = 0;
    for (let i = 1; i < palette.length; i++) if (far(colour, palette[i]) < far(colour, palette[best])) best = i;
    place.set(colour, best);
  }
  let indexes = "";
  for (const colour of colours) indexes += String.fromCharCode(place.get(colour));
  return [width, height, palette, btoa(indexes)];
}"""


def small_png(browser: Browser, picture: bytes) -> bytes:
    """The picture, a PNG, with at most 256 colours."""
    page = browser.new_page()
    width, height, palette, indexes = page.evaluate(REDUCE, [base64.b64encode(picture).decode()])
    page.close()
    pixels = base64.b64decode(indexes)
    # each line begins with its filter; none is best for palettes
    lines = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    colours = b"".join(colour.to_bytes(3, "big") for colour in palette)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", colours),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
