"""Sample evidence files, each made in code; none is a file that anybody ever sent."""

import io
import re
import struct
import zipfile
import zlib
from email.message import EmailMessage
from fractions import Fraction
from functools import cache

import av
from PIL import ExifTags, Image, ImageDraw, PngImagePlugin
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.unit.hevc_picture import PICTURE, SETTINGS

CANARY = "CANARY-7Q4X"


def drawing(size=(120, 80), colour="white"):
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((2, 2, size[0] // 2, size[1] // 2), fill="teal")
    return image


def exif(**changes):
    """EXIF of a made-up telephone, with a canary, a place and a time."""
    made = Image.Exif()
    made[ExifTags.Base.Make] = "Tideway"
    made[ExifTags.Base.Model] = f"Phone {CANARY}"
    made[ExifTags.Base.Software] = "Camera 1.0"
    made[ExifTags.Base.ImageDescription] = CANARY
    for name, value in changes.items():
        made[ExifTags.Base[name]] = value
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:20 22:41:07"
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = CANARY.encode()
    gps = made.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (51.0, 30.0, 0.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "W", (0.0, 7.0, 30.0)
    return made


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@cache
def png():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Software", "Screens 2")
    texts.add_text("Comment", CANARY)
    return saved(drawing(), "PNG", pnginfo=texts, exif=exif(), icc_profile=CANARY.encode())


@cache
def jpeg():
    return saved(drawing(), "JPEG", exif=exif(), comment=CANARY, icc_profile=CANARY.encode())


@cache
def webp():
    return saved(drawing(), "WEBP", exif=exif())


@cache
def gif(frames=20):
    pictures = [drawing((60, 40), (place % 256, place // 256, 9)) for place in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:], comment=CANARY.encode())


def apng(frames):
    pictures = [drawing((8, 8), (place % 256, place // 256, 9)) for place in range(frames)]
    return saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:])


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(side=30000):
    """A small file that says that it is *side* × *side* pixels."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def film(form="mp4", seconds=2, codec="libx264", metadata=True):
    out = io.BytesIO()
    with av.open(out, "w", format=form, options={"movflags": "use_metadata_tags"}) as made:
        if metadata:
            made.metadata.update({"creation_time": "2026-11-20T22:41:07Z", "comment": CANARY})
            made.metadata.update({"com.apple.quicktime.make": "Tideway"})
        stream = made.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 10)
        for place in range(max(1, int(seconds * 10))):
            frame = av.VideoFrame.from_image(drawing((128, 96), (place * 7 % 256, 80, 80)))
            frame.pts, frame.time_base = place, Fraction(1, 10)
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    return out.getvalue()


@cache
def sound():
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        stream = made.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate, frame.pts = 8000, 0
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        made.mux(stream.encode(frame))
        made.mux(stream.encode())
    return out.getvalue()


def box(name, *contents):
    content = b"".join(contents)
    return struct.pack(">I", len(content) + 8) + name + content


def whole_box(name, *contents):
    """A box with a version and flags in front."""
    return box(name, b"\0\0\0\0", *contents)


def heic(with_exif=True):
    """One HEVC picture with EXIF, in the boxes of a telephone's file (ISO/IEC 23008-12)."""
    facts = b"\0\0\0\6" + exif().tobytes() if with_exif else b""
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    meta = _meta(SETTINGS, (0, 0), (len(PICTURE), len(facts)))
    first = len(start) + len(meta) + 8
    meta = _meta(SETTINGS, (first, first + len(PICTURE)), (len(PICTURE), len(facts)))
    return start + meta + box(b"mdat", PICTURE, facts)


def _meta(settings, offsets, sizes):
    named = ((1, b"hvc1"), (2, b"Exif"))
    items = [box(b"infe", b"\2\0\0\0", struct.pack(">HH4sB", place, 0, name, 0)) for place, name in named]
    places = [struct.pack(">HHHII", 1 + place, 0, 1, offsets[place], sizes[place]) for place in range(2)]
    size = whole_box(b"ispe", struct.pack(">II", 128, 96))
    properties = box(b"ipco", box(b"hvcC", settings), size)
    belongs = whole_box(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 2))
    return whole_box(
        b"meta",
        whole_box(b"hdlr", b"\0\0\0\0pict" + b"\0" * 13),
        whole_box(b"pitm", struct.pack(">H", 1)),
        whole_box(b"iloc", b"\x44\x00", struct.pack(">H", 2), *places),
        whole_box(b"iinf", struct.pack(">H", 2), *items),
        whole_box(b"iref", box(b"cdsc", struct.pack(">HHH", 2, 1, 1))),
        box(b"iprp", properties, belongs),
    )


def pdf(pages=3, password=None, owner=None):
    """A PDF of *pages* pages; *password* to open it, *owner* only to print it."""
    lock = StandardEncryption(password or "", owner or password, canPrint=0) if password or owner else None
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=lock, invariant=1)
    canvas.setAuthor("A. Writer")
    canvas.setProducer(f"Printer {CANARY}")
    for page in range(pages):
        canvas.drawString(72, 700, f"Page {page + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_with_program():
    """A PDF that asks its reader to run JavaScript when it is opened."""
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R "
        b"/OpenAction 4 0 R /Names << /JavaScript << /Names [(a) 4 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        action,
    ]
    return small_pdf(objects)


def small_pdf(objects):
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return out + head + b"startxref\n%d\n%%%%EOF\n" % len(out)


def letter(page="", attached=()):
    """An e-mail; *page* is an HTML part, *attached* are names of files."""
    made = EmailMessage()
    made["From"], made["To"] = "Jo Example <jo@example.org>", "office@example.org"
    made["Subject"], made["Date"] = "About Tuesday – again", "Fri, 20 Nov 2026 22:41:07 +0000"
    made["Message-ID"] = "<one@example.org>"
    made.set_content("Please ring me.\nJo\n")
    if page:
        made.add_alternative(page, subtype="html")
    for name in attached:
        made.add_attachment(b"PK\x03\x04 never opened", "application", "zip", filename=name)
    return made.as_bytes()


def archive(name="a.txt"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "content of the archive")
    return out.getvalue()


def all_kinds():
    """One sound sample of each kind that is kept, with an ordinary name."""
    return {
        "a.png": png(),
        "b.jpg": jpeg(),
        "c.webp": webp(),
        "d.heic": heic(),
        "e.gif": gif(),
        "f.pdf": pdf(),
        "g.mp4": film("mp4"),
        "h.mov": film("mov"),
        "i.txt": "22:41 – a message ☂\r\n".encode(),
        "j.eml": letter(),
    }


def places_of_metadata(content):
    """The marks in the bytes of a picture behind which metadata stands."""
    return re.findall(rb"Exif|eXIf|iCCP|ICC_PROFILE|tEXt|iTXt|zTXt|http://ns.adobe.com", content)
