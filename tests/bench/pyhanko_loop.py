"""Signs one PDF again and again with pyHanko, in this one process: pyhanko_loop.py PDF KEY CERTIFICATE ROOT COUNT cached|shipped.

`cached` loads key and certificate once; `shipped` loads them for each document, as pyHanko's own command does. Prints seconds and seconds
of processor time.
"""
import io
import sys
import time
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

document, key, certificate, root, count, way = sys.argv[1:]
original = Path(document).read_bytes()


def load():
    return signers.SimpleSigner.load(key, certificate, ca_chain_files=(root,))


def sign(signer):
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name="Bench"
    )
    out = io.BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(original)), metadata, signer=signer, output=out)
    assert len(out.getvalue()) > len(original)


cached = load()
sign(cached)
began, worked = time.perf_counter(), time.process_time()
for _ in range(int(count)):
    sign(cached if way == "cached" else load())
print(time.perf_counter() - began, time.process_time() - worked)
