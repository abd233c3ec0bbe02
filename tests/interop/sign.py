"""Signs a PDF with pyHanko under a certificate made for this once: sign.py FROM TO CERTIFICATE-PEM."""

import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

source, target, certificate_file = sys.argv[1:]
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Frede Fremmed")])
start = datetime.datetime(2020, 1, 1)
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start.replace(year=2049))
    .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    .add_extension(x509.KeyUsage(False, True, False, False, False, False, False, False, False), critical=True)
    .sign(key, hashes.SHA256())
)
pem = certificate.public_bytes(serialization.Encoding.PEM)
with open(certificate_file, "wb") as out:
    out.write(pem)
key_file = certificate_file + ".key"
with open(key_file, "wb") as out:
    out.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
signer = signers.SimpleSigner.load(key_file, certificate_file)
with open(source, "rb") as inp, open(target, "wb") as out:
    writer = IncrementalPdfFileWriter(inp)
    metadata = signers.PdfSignatureMetadata(field_name="Fremmed", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256")
    signers.sign_pdf(writer, metadata, signer=signer, output=out)
