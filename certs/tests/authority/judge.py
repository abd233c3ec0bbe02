"""pyHanko's verdict on every signature of a PDF, one JSON object a line: judge.py ROOT.pem... -- FILE..."""
import json
import logging
import sys

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
split = sys.argv.index("--")
context = ValidationContext(trust_roots=list(load_certs_from_pemder(sys.argv[1:split])), allow_fetching=False)


def judge(name, file):
    reader = PdfFileReader(file)
    if reader.xrefs.hybrid_xrefs_present:
        # In strict mode pyHanko judges no hybrid file at all.
        reader = PdfFileReader(file, strict=False)
    for signature in reader.embedded_regular_signatures:
        usage = KeyUsageConstraints(key_usage={"non_repudiation"})
        status = validate_pdf_signature(signature, context, context, key_usage_settings=usage)
        stamp = status.timestamp_validity
        print(json.dumps({
            "file": name,
            "field": signature.field_name,
            "intact": status.intact,
            "valid": status.valid,
            "trusted": status.trusted,
            "coverage": status.coverage.name,
            "docmdp_ok": status.docmdp_ok,
            "timestamp": stamp is not None and stamp.valid and stamp.trusted,
        }))


for name in sys.argv[split + 1:]:
    with open(name, "rb") as file:
        judge(name, file)
