"""What others do to a document after it was signed: later.py SOURCE WHAT..., each into
WHAT.pdf. Keys are in the working directory."""
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.keys import load_private_key_from_pemder



def change(what, source, target):
    with open(source, "rb") as file, open(target, "w+b") as output:
        writer = IncrementalPdfFileWriter(file)
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        if what in ("sign", "sign-visible", "sign-older-format"):
            subfilter = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED if what == "sign-older-format" else fields.SigSeedSubFilter.PADES
            metadata = signers.PdfSignatureMetadata(field_name="Later", md_algorithm="sha384", subfilter=subfilter)
            signer = signers.SimpleSigner.load("key.pem", "signer.pem", prefer_pss=what == "sign-visible")
            if what == "sign-visible":
                fields.append_signature_field(writer, fields.SigFieldSpec("Later", box=(50, 50, 250, 120)))
            signers.sign_pdf(writer, metadata, signer=signer, output=output)
        elif what == "stamp":
            stamper = DummyTimeStamper(load_cert_from_pemder("tsa.pem"), load_private_key_from_pemder("tsa-key.pem", None))
            signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256", output=output)
        elif what == "evidence":
            DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=[load_cert_from_pemder("signer.pem")])
            writer.write(output)
        else:
            if what == "content":
                page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 18 Tf 72 760 Td (Seven rye loaves) Tj ET"))
                writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0))
            elif what == "contents-stream":
                reference = page.raw_get("/Contents")
                stream = reference.get_object()
                stream._data = b"BT /F1 18 Tf 72 760 Td (Seven rye loaves) Tj ET"
                stream._encoded_data = None
                writer.mark_update(reference)
            elif what == "fill":
                field = writer.root["/AcroForm"]["/Fields"][0]
                field["/V"] = pdf_string("Another bakery")
                writer.mark_update(writer.root["/AcroForm"]["/Fields"].raw_get(0))
            elif what == "title":
                writer.set_info(writer.add_object(generic.DictionaryObject({pdf_name("/Title"): pdf_string("Another title")})))
            elif what == "note":
                note = generic.DictionaryObject({
                    pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
                    pdf_name("/Contents"): pdf_string("PAID"), pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (72, 700, 300, 760))),
                })
                page["/Annots"].append(writer.add_object(note))
                writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0))
            elif what == "action":
                writer.root["/OpenAction"] = generic.DictionaryObject({pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("1")})
                writer.update_root()
            elif what == "empty-field":
                fields.append_signature_field(writer, fields.SigFieldSpec("Empty"))
            else:
                raise SystemExit(f"unknown: {what}")
            writer.write(output)


for what in sys.argv[2:]:
    change(what, sys.argv[1], f"{what}.pdf")
