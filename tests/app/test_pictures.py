"""Pictures that strangers sent: what is made of them, and what of them is refused."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from assent.actions.apps.logos import BadPicture
from assent.app.picture_program import MOST_PIXELS, SIDE, SMALL_BYTES
from assent.app.pictures import PictureMaker

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def picture(size: tuple[int, int] = (300, 200), mode: str = "RGB", kind: str = "PNG", **given: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).convert(mode).save(out, kind, **given)
    return out.getvalue()


def noise(size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    channels = [Image.effect_noise(size, 90) for _ in range(3)]
    Image.merge("RGB", channels).save(out, kind)
    return out.getvalue()


async def made(content: bytes) -> Image.Image:
    png = await PictureMaker()(content)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(png) <= 2 * SMALL_BYTES
    found = Image.open(io.BytesIO(png), formats=("PNG",))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_each_kind_becomes_a_small_png(kind: str) -> None:
    found = await made(picture(kind=kind))
    assert found.size == (SIDE, round(SIDE * 200 / 300))
    red, green, blue, alpha = found.convert("RGBA").getpixel((60, 40))
    assert red > 180
    assert green < 60
    assert blue < 60
    assert alpha == 255


async def test_a_small_picture_is_not_blown_up_and_keeps_what_is_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (0, 0, 0, 0)).save(out, "PNG")
    found = await made(out.getvalue())
    assert found.size == (20, 10)
    assert found.convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


async def test_a_busy_picture_weighs_little() -> None:
    await made(noise((400, 400)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_depth_of_colour_is_understood(mode: str) -> None:
    assert (await made(picture((64, 64), mode) if mode != "I;16" else sixteen_bits())).size == (64, 64)


def sixteen_bits() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (64, 64), 40_000).save(out, "PNG")
    return out.getvalue()


async def test_a_picture_for_print_is_understood() -> None:
    assert (await made(picture(mode="CMYK", kind="JPEG"))).size == (SIDE, 85)


async def test_nothing_but_pixels_comes_out() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "taken at home")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    for content in (
        picture(pnginfo=notes, icc_profile=b"a profile", exif=exif),
        picture(kind="JPEG", exif=exif, comment=b"taken at home"),
    ):
        png = await PictureMaker()(content)
        assert b"taken at home" not in png
        assert {png[at : at + 4] for at in chunk_places(png)} <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def chunk_places(png: bytes) -> list[int]:
    places, at = [], 8
    while at < len(png):
        places.append(at + 4)
        at += 12 + struct.unpack(">I", png[at : at + 4])[0]
    return places


async def test_a_picture_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (await made(picture((200, 100), kind="JPEG", exif=exif))).size == (64, 128)


async def test_of_a_moving_picture_the_first_frame_stays() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    found = await made(out.getvalue())
    assert getattr(found, "n_frames", 1) == 1
    assert found.convert("RGB").getpixel((15, 15)) == (255, 0, 0)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has this many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SVG, "none of PNG"),
        (b"<?xml version='1.0'?>" + SVG, "none of PNG"),
        (b"", "none of PNG"),
        (b"<html>", "none of PNG"),
        (b"%PDF-1.7", "none of PNG"),
        (b"BM" + bytes(60), "none of PNG"),
        (b"II*\x00" + bytes(60), "none of PNG"),
        (noise((200, 200))[:2000], "cannot be decoded"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "none of PNG"),
        (bomb(4096, 4097), "pixels"),
        (bomb(60_000, 60_000), "pixels"),
        (bomb(2**31 - 1, 1), "pixels"),
        (bomb(0, 0), "none of PNG|cannot be decoded"),
    ],
)
async def test_what_is_no_picture_or_too_large_a_one_is_refused_with_a_reason(
    content: bytes, reason: str
) -> None:
    with pytest.raises(BadPicture, match=reason):
        await PictureMaker()(content)


async def test_a_picture_at_the_limit_is_taken() -> None:
    side = int(MOST_PIXELS**0.5)
    assert (await made(picture((side, side), "1"))).size == (SIDE, SIDE)


async def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.app.pictures.SECONDS", 0.0)
    with pytest.raises(BadPicture, match="too long"):
        await PictureMaker()(picture())


async def test_a_decoder_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/program")
    with pytest.raises(BadPicture, match="could not be started"):
        await PictureMaker()(picture())


async def test_a_decoder_that_breaks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.app.pictures._PROGRAM", "no_such_module")
    with pytest.raises(BadPicture):
        await PictureMaker()(picture())
