"""Pictures drawn again from their pixels."""

import io

import pytest
from PIL import Image

from bot.domain.evidence import FileKind
from bot.media.limits import Limits
from bot.media.pictures import LONG_SIDE, drawn_again, look_at_picture, spread
from tests.unit.media_samples import drawing, exif, saved


def seen(kind, content):
    _, derivatives = look_at_picture(kind, content, Limits())
    return Image.open(io.BytesIO(derivatives[0].content))


def test_a_picture_taken_sideways_is_shown_upright():
    picture = seen(FileKind.JPEG, saved(drawing((40, 20)), "JPEG", exif=exif(Orientation=6)))

    assert picture.size == (20, 40)
    assert not picture.getexif()


def test_the_long_side_is_at_most_what_a_screen_needs():
    assert seen(FileKind.PNG, saved(drawing((3000, 30)), "PNG")).size == (LONG_SIDE, 24)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_way_of_storing_pixels_can_be_drawn_again(mode):
    copy = drawn_again(Image.new(mode, (4, 4)), "picture", "image/png")

    assert Image.open(io.BytesIO(copy.content)).mode in ("RGB", "L")


def test_what_is_transparent_is_shown_on_white():
    copy = drawn_again(Image.new("RGBA", (2, 2), (255, 0, 0, 0)), "picture", "image/png")

    assert Image.open(io.BytesIO(copy.content)).getpixel((0, 0)) == (255, 255, 255)


def test_what_an_image_carries_along_is_not_written():
    image = drawing()
    image.info.update(icc_profile=b"CANARY", comment=b"CANARY", exif=b"CANARY", xmp=b"CANARY")

    copies = [drawn_again(image, "picture", media_type) for media_type in ("image/png", "image/jpeg")]

    assert [copy.name for copy in copies if b"CANARY" in copy.content] == []


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [0]), (3, [0, 1, 2]), (9, [0, 3, 5, 8]), (1000, [0, 333, 666, 999])]
)
def test_stills_are_spread_from_the_first_to_the_last(count, expected):
    assert spread(count, 4) == expected
