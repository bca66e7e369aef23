"""Writes boxes.woff, a font that has the same box for every character, so that pages look alike on every machine."""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

SPACES = [0x20, 0xA0]
BOXES = [*range(0x21, 0x7F), *range(0xA1, 0x180), *range(0x2010, 0x2028), 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x25B6, 0x25B8, 0x25BC, 0x25BE]

pen = TTGlyphPen(None)
pen.moveTo((50, 0))
for corner in [(50, 600), (550, 600), (550, 0)]:
    pen.lineTo(corner)
pen.closePath()
box, space = pen.glyph(), TTGlyphPen(None).glyph()

font = FontBuilder(1000, isTTF=True)
font.setupGlyphOrder([".notdef", "space", "box"])
font.setupCharacterMap({**{code: "space" for code in SPACES}, **{code: "box" for code in BOXES}})
font.setupGlyf({".notdef": box, "space": space, "box": box})
font.setupHorizontalMetrics({".notdef": (600, 50), "space": (600, 0), "box": (600, 50)})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
font.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
font.setupPost()
font.font["head"].created = font.font["head"].modified = 0
font.font.recalcTimestamp = False
font.font.flavor = "woff"
font.save(Path(__file__).parent / "boxes.woff")
