"""Pictures that people import as seals, as the child process makes pages of them."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path

from PIL import Image, PngImagePlugin

from gateway.pdf.artwork.pages import from_file
from gateway.ports.seals import Wish
from tests.fuzz.mutating import PDF_VALUE
from tests.fuzz.pdf_seeds import documents
from tests.fuzz.pdf_targets import as_in_the_child
from tests.fuzz.target import Target
