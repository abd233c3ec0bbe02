"""pyHanko's verdict on every signature of a PDF, one JSON object a line: judge.py FILE ROOT.pem..."""
import json
import logging
import sys

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
context = ValidationContext(trust_roots=list(load_certs_from_pemder(sys.argv[2:])), allow_fetching=False)
with open(sys.argv[1], "rb") as file:
    reader = PdfFileReader(file)
    if reader.xrefs.hybrid_xrefs_present:
        # In strict mode pyHanko judges no hybrid file at all.
        reader = PdfFileReader(file, strict=False)
    for signature in reader.embedded_regular_signatures:
        usage = KeyUsageConstraints(key_usage={"non_repudiation"})
        status = validate_pdf_signature(signature, context, context, key_usage_settings=usage)
        print(json.dumps({
            "field": signature.field_name,
            "intact": status.intact,
            "valid": status.valid,
            "trusted": status.trusted,
            "coverage": status.coverage.name,
            "changes": status.modification_level.name if status.modification_level is not None else "NONE",
            "docmdp_ok": status.docmdp_ok,
            "timestamp": status.timestamp_validity is not None and status.timestamp_validity.valid and status.timestamp_validity.trusted,
            "pages": int(reader.root["/Pages"]["/Count"]),
        }))
