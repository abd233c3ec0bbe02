"""pyHanko's verdict on every signature of every file, one JSON object a line.

judge.py [--at=TIME] --root=PEM... [--other=PEM...] [--list=DER...] FILE...
With lists, revocation must be known for every certificate (hard-fail); without, it is not looked at.
"""

import argparse
import datetime
import json
import logging

from asn1crypto import crl
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)

parser = argparse.ArgumentParser()
parser.add_argument("--at", default="")
parser.add_argument("--root", action="append", default=[])
parser.add_argument("--other", action="append", default=[])
parser.add_argument("--list", action="append", default=[])
parser.add_argument("files", nargs="+")
asked = parser.parse_args()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def context():
    return ValidationContext(
        trust_roots=list(load_certs_from_pemder(asked.root)),
        other_certs=list(load_certs_from_pemder(asked.other)),
        crls=[crl.CertificateList.load(read(path)) for path in asked.list],
        revocation_mode="hard-fail" if asked.list else "soft-fail",
        moment=datetime.datetime.fromisoformat(asked.at.replace("Z", "+00:00")) if asked.at else None,
        allow_fetching=False,
    )


def verdict(name, signature):
    usage = KeyUsageConstraints(key_usage={"non_repudiation"})
    status = validate_pdf_signature(signature, context(), context(), key_usage_settings=usage)
    stamp = status.timestamp_validity
    return {
        "file": name,
        "field": signature.field_name,
        "subfilter": str(signature.sig_object["/SubFilter"]),
        "signer": status.signing_cert.subject.native.get("common_name"),
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "revoked": bool(status.revoked),
        "coverage": status.coverage.name,
        "docmdp_ok": status.docmdp_ok,
        "timestamp": stamp is not None and stamp.valid and stamp.trusted,
        "timestamp_at": stamp.timestamp.isoformat() if stamp is not None else None,
        "bottom_line": status.bottom_line,
    }


for name in asked.files:
    with open(name, "rb") as file:
        reader = PdfFileReader(file)
        if reader.xrefs.hybrid_xrefs_present:
            # In strict mode pyHanko judges no hybrid file at all.
            reader = PdfFileReader(file, strict=False)
        for signature in reader.embedded_regular_signatures:
            print(json.dumps(verdict(name, signature)))
