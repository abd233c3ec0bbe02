"""Writes answers.txt, the known answers of answers.rs: the protocol's tables once more, on Python's hashlib and `cryptography`.

    python3 mobile/core/tests/protocol/answers.py > mobile/core/tests/protocol/answers.txt
"""
import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def sha(data):
    return hashlib.sha256(data).digest()


def key(name):
    scalar = int.from_bytes(sha(name.encode()), "big")
    assert 0 < scalar < P256_ORDER
    return ec.derive_private_key(scalar, ec.SECP256R1())


def point(private):
    form = serialization.PublicFormat.UncompressedPoint
    return private.public_key().public_bytes(serialization.Encoding.X962, form)


def spki(private):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.DER, form)


def sign(private, message):
    return private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def fields(*values):
    out = b""
    for value in values:
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, int):
            value = value.to_bytes(8, "big")
        out += len(value).to_bytes(4, "big") + value
    return out


def extract(salt, material):
    return hmac.new(salt or bytes(32), material, hashlib.sha256).digest()


def expand(prk, info, size):
    out, block, counter = b"", b"", 1
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha256).digest()
        out, counter = out + block, counter + 1
    return out[:size]


def hkdf(material, label, size, salt=b""):
    return expand(extract(salt, material), label.encode(), size)


def seal(to, ephemeral, info, aad, plain):
    """RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"

    def labeled_extract(suite, salt, label, material):
        return extract(salt, b"HPKE-v1" + suite + label + material)

    def labeled_expand(suite, prk, label, info, size):
        return expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)

    shared = ephemeral.exchange(ec.ECDH(), to.public_key())
    prk = labeled_extract(kem, b"", b"eae_prk", shared)
    secret = labeled_expand(kem, prk, b"shared_secret", point(ephemeral) + point(to), 32)
    context = b"\x00" + labeled_extract(suite, b"", b"psk_id_hash", b"") + labeled_extract(suite, b"", b"info_hash", info)
    prk = labeled_extract(suite, secret, b"secret", b"")
    sealing = AESGCM(labeled_expand(suite, prk, b"key", context, 32))
    return point(ephemeral) + sealing.encrypt(labeled_expand(suite, prk, b"base_nonce", context, 12), plain, aad)


def check_letter(letters):
    total = 0
    for letter in letters:
        total = (total ^ letter) << 1
        total ^= 0b100101 if total & 32 else 0
    return total


def code_text(code):
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    bits = int.from_bytes(code, "big")
    letters = [bits >> 5 * (15 - place) & 31 for place in range(16)]
    text = "".join(alphabet[letter] for letter in letters + [check_letter(letters)])
    return "-".join([text[0:4], text[4:8], text[8:12], text[12:16], text[16]])


def argon2(pin, salt):
    return Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=8192).derive(pin)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def show(name, value):
    print(name, value if isinstance(value, str) else value.hex())


identity, phone_sign, phone_agree, release_key = key("identity"), key("phone sign"), key("phone agree"), key("release")
ephemeral, reply = key("ephemeral"), key("reply")
phone, approval, release_id = sha(b"phone")[:16], sha(b"approval")[:16], sha(b"release id")[:16]
secret, serial = sha(b"secret"), bytes.fromhex("00a1b2c3")

payload = fields(
    "segl/payload/v1", b"\x01", "sign-document", approval, "Segl hos Ærø Kommune", "abj-0042", "Ærø Kommune", serial,
    "Underskriv Købsaftale.pdf", fields("12 sider", "Beløb: 1.250.000 kr."), sha(b"content"), sha(b"plan"),
    fields("Købsaftale.pdf", sha(b"digest")), "192.0.2.0/24", "Rønne, Danmark", sha(b"nonce")[:16],
    1_795_750_000_000, 1_795_750_120_000, release_id, point(release_key))
release = seal(release_key, ephemeral, fields("segl/release/v1", approval), sha(payload), secret)
decision = fields("segl/decision/v1", sha(payload), "approve", "07", phone, sha(release))
opener = seal(phone_agree, ephemeral, fields("segl/opener/v1", serial, phone), b"", secret)
several = fields(
    "segl/payload/v1", b"\x02", "new-password", approval, "Segl hos Ærø Kommune", "abj-0042", "Ærø Kommune", serial,
    "Underskriv Købsaftale.pdf", fields("12 sider", "Beløb: 1.250.000 kr."), b"", b"",
    b"", "192.0.2.0/24", "Rønne, Danmark", sha(b"nonce")[:16],
    1_795_750_000_000, 1_795_750_120_000, release_id, point(release_key), fields(b"\x01\xb2", b"\x02\xc3"))
several_releases = [seal(release_key, ephemeral, fields("segl/release/v1", approval), sha(several), secret)] + [
    seal(release_key, ephemeral, fields("segl/release/v2", approval, further), sha(several), sha(b"secret %d" % at))
    for at, further in enumerate([b"\x01\xb2", b"\x02\xc3"])]
several_hash = sha(fields("segl/releases/v1", several_releases[0], fields(*several_releases[1:])))
several_decision = fields("segl/decision/v1", sha(several), "approve", "07", phone, several_hash)
show("identity", point(identity))
show("identity_thumbprint", sha(spki(identity)))
show("payload", payload)
show("payload_signature", sign(identity, payload))
show("release", release)
show("decision", decision)
show("decision_signature", sign(phone_sign, decision))
show("opener", opener)
show("several", several)
show("several_signature", sign(identity, several))
show("several_release", several_releases[0])
show("several_release_1", several_releases[1])
show("several_release_2", several_releases[2])
show("several_decision", several_decision)
show("several_decision_signature", sign(phone_sign, several_decision))
time_answer = fields("segl/time/v1", sha(b"question")[:16], 1_795_750_000_123)
show("time", time_answer)
show("time_signature", sign(identity, time_answer))

record = fields(
    "segl/pairing-record/v1", phone, "Segl hos Ærø Kommune", "abj-0042", "Ærø Kommune", point(phone_sign), point(phone_agree), "tee",
    sha(fields("segl/attestation/v1", b"leaf", b"root")), sha(b"confirmation"), 1_795_000_000_000, 1_795_086_400_000)
signed = lambda private, message: {"message": b64(message), "signature": b64(sign(private, message))}
evidence = {
    "version": 1, "payload": signed(identity, payload), "decision": signed(phone_sign, decision), "device_key": b64(point(phone_sign)),
    "pairing": signed(identity, record), "attestation": [b64(b"leaf"), b64(b"root")]}
show("evidence", json.dumps(evidence, separators=(",", ":")))

token = sha(b"token")[:16]
mac_key, lookup = hkdf(token, "segl/pair-mac/v1", 32), hkdf(token, "segl/pair-lookup/v1", 16)
pin = sha(spki(identity))
show("invitation", f"segl-pair:1?a=segl.example.dk:8443&i={b64(pin)}&t={b64(token)}")
show("lookup", lookup)
show("attestation_challenge", hkdf(token, "segl/attestation/v1", 32))
client_data = fields("segl/app-attest/v1", hkdf(token, "segl/attestation/v1", 32), point(phone_sign), point(phone_agree))
show("client_data", client_data)
show("client_data_hash", sha(client_data))
show("begin_tag", hmac.new(mac_key, fields("segl/pair-begin/v1", sha(b"n"), point(reply)), hashlib.sha256).digest())
claim = fields(
    "segl/pair-claim/v1", pin, lookup, phone, point(phone_sign), point(phone_agree), point(reply), "software-pin", b"", "Annes telefon")
show("claim", claim)
show("claim_signature", sign(phone_sign, claim))
show("claim_tag", hmac.new(mac_key, fields("segl/pair-claim/v1", sha(claim)), hashlib.sha256).digest())
digits = hmac.new(mac_key, fields("segl/pair-digits/v1", pin, point(phone_sign), point(phone_agree), sha(b"n")), hashlib.sha256).digest()
show("digits", f"{int.from_bytes(digits[:8], 'big') % 10**6:06}")
code = sha(b"code")[:10]
code_token = hkdf(code, "segl/pair-token/v1", 16)
show("code", code_text(code))
show("code_lookup", hkdf(code_token, "segl/pair-lookup/v1", 16))
vouched = fields("segl/pair-identity/v1", hkdf(code_token, "segl/pair-lookup/v1", 16), spki(identity))
show("code_mac", hmac.new(hkdf(code, "segl/pair-identity/v1", 32), vouched, hashlib.sha256).digest())

salt, offline_salt, share, vault_nonce = sha(b"salt")[:16], sha(b"offline salt")[:16], sha(b"share"), sha(b"vault nonce")[:12]
prk = argon2(b"2718", salt)
head = fields(
    "segl/vault/v1", "Annes telefon", (8192).to_bytes(4, "big") + (1).to_bytes(4, "big"), salt, point(phone_sign), point(phone_agree),
    vault_nonce)
sealed = AESGCM(hkdf(prk, "segl/vault/v1", 32, share)).encrypt(vault_nonce, sha(b"phone sign") + sha(b"phone agree"), head)
mask = hkdf(argon2(b"2718", offline_salt), "segl/offline/v1", 32)
show("vault", head + fields(sealed, offline_salt, bytes(a ^ b for a, b in zip(mask, sha(b"offline")))))
pin_scalar = expand(extract(b"", prk), b"segl/pin/v1\x00", 32)
pin_key = ec.derive_private_key(int.from_bytes(pin_scalar, "big"), ec.SECP256R1())
show("pin_key", point(pin_key))
show("pin_proof_signature", sign(pin_key, fields("segl/pin-proof/v1", phone, sha(b"n"), point(reply))))
show("share", seal(reply, ephemeral, fields("segl/share/v1", phone), sha(b"n"), share))
show("kept_offline", seal(phone_agree, ephemeral, fields("segl/offline-kept/v1", phone), b"", sha(b"offline")))
show("bearer_hash", sha(fields("segl/device-token/v1", phone, sha(b"device token"))))
