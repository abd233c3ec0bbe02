//! Certificates of others, made by openssl and NSS: what is taken, and what is refused by name.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use certs::elsewhere::{ImportFault, KeyWithCertificate, Use, examine, open};
use certs::keystore::{Destroyed, Digest, FileKeystore, KeyLabel, Keystore, MasterKey, MemoryKeystore, RsaPadding, proof};
use time::OffsetDateTime;

const PASSPHRASE: &str = "Rødgrød-2026";
const EC: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const SEAL: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n";

/// A folder with a root (`root`), an authority below it (`sub`), and whatever is made in it.
struct Shop(tempfile::TempDir);

impl Shop {
    fn found() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        std::fs::write(shop.path().join("conf"), "[req]\ndistinguished_name=dn\n[dn]\n").unwrap();
        let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
        shop.certify("root", "root", &EC, authority, "400");
        shop.certify("sub", "root", &EC, authority, "300");
        shop
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn tool(&self, name: &str, arguments: &[&str]) {
        let done = Command::new(name).args(arguments).current_dir(self.path()).output().unwrap();
        assert!(done.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A new key and its certificate by `issuer` (itself, if of the same name).
    fn certify(&self, name: &str, issuer: &str, key: &[&str], extensions: &str, days: &str) {
        let identifiers = if name == issuer { "" } else { "authorityKeyIdentifier=keyid\n" };
        let text = format!("{extensions}subjectKeyIdentifier=hash\n{identifiers}");
        std::fs::write(self.path().join(format!("{name}.ext")), text).unwrap();
        let (key_file, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/O=Elsewhere/CN={name}");
        let ask = ["req", "-new", "-config", "conf", "-nodes", "-subj", &subject, "-keyout", &key_file, "-out", &request];
        self.tool("openssl", &[&ask[..], key].concat());
        let (issuer_key, issuer_file, extensions) = (format!("{issuer}.key"), format!("{issuer}.pem"), format!("{name}.ext"));
        let sign = ["x509", "-req", "-in", &request, "-days", days, "-extfile", &extensions, "-out", &certificate];
        let by = ["-CA", &issuer_file, "-CAkey", &issuer_key];
        let by: &[&str] = if name == issuer { &["-signkey", &key_file] } else { &by };
        self.tool("openssl", &[&sign[..], by].concat());
    }

    /// A PKCS#12 file of a key and certificate, with further certificates.
    fn pack(&self, key: &str, certificate: &str, above: &[&str], more: &[&str]) -> Vec<u8> {
        let whole: String = above.iter().map(|name| std::fs::read_to_string(self.path().join(format!("{name}.pem"))).unwrap()).collect();
        std::fs::write(self.path().join("above.pem"), whole).unwrap();
        let (key, certificate) = (format!("{key}.key"), format!("{certificate}.pem"));
        let passphrase = format!("pass:{PASSPHRASE}");
        let pack = ["pkcs12", "-export", "-inkey", &key, "-in", &certificate, "-passout", &passphrase, "-out", "out.p12"];
        let above: &[&str] = if above.is_empty() { &[] } else { &["-certfile", "above.pem"] };
        self.tool("openssl", &[&pack[..], above, more].concat());
        std::fs::read(self.path().join("out.p12")).unwrap()
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let (from, to) = (format!("{name}.pem"), format!("{name}.der"));
        self.tool("openssl", &["x509", "-in", &from, "-outform", "DER", "-out", &to]);
        std::fs::read(self.path().join(to)).unwrap()
    }
}

fn opened(file: &[u8]) -> KeyWithCertificate {
    open(file, PASSPHRASE).unwrap_or_else(|fault| panic!("{fault}"))
}

fn refusal(file: &[u8], passphrase: &str) -> ImportFault {
    open(file, passphrase).err().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "openssl's certificates begin by the clock of the machine")]
fn now() -> OffsetDateTime {
    OffsetDateTime::from(std::time::SystemTime::now())
}

#[test]
fn a_key_from_a_file_signs_in_the_keystore_and_is_deleted_there() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    shop.certify("rsa", "sub", &["-newkey", "rsa:3072"], SEAL, "90");
    let folder = tempfile::tempdir().unwrap();
    let master = || MasterKey::from_octets(&[7; 32]).unwrap();
    let directory = folder.path().join("sealed");
    let stores: [Box<dyn Keystore>; 2] =
        [Box::new(FileKeystore::open(&directory, master()).unwrap()), Box::new(MemoryKeystore::new(master()))];
    for store in stores {
        for name in ["seal", "rsa"] {
            let found = opened(&shop.pack(name, name, &["sub", "root"], &[]));
            let examined = examine(&found.certificate, &found.others, Use::Seal, now()).unwrap();
            assert_eq!(examined.chain, [shop.der("sub"), shop.der("root")], "{name}");
            assert!(examined.issuer.contains("CN=sub") && examined.subject.contains(name), "{examined:?}");
            let label = KeyLabel::parse(&format!("import-{name}")).unwrap();
            assert_eq!(store.import(&label, &found.key).unwrap(), examined.public_key);
            assert!(store.import(&label, &found.key).is_err(), "a label is taken once");
            proof::prove(&label, &examined.public_key, store.as_ref()).unwrap();
            let digest = Digest::Sha256([9; 32]);
            let signature = store.sign_with(&label, RsaPadding::Pkcs1, &digest).unwrap();
            assert!(examined.public_key.verifies_with(RsaPadding::Pkcs1, &digest, &signature), "{name}");
            assert_eq!(store.destroy(&label).unwrap(), Destroyed::Gone);
            assert_eq!(store.destroy(&label).unwrap(), Destroyed::Gone, "what is gone stays gone");
            assert!(store.find(&label).unwrap().is_none());
        }
    }
    // What lies in the directory after all that are no keys.
    let left: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["keystore.check"]);
}

#[test]
fn the_ways_of_encrypting_are_taken_or_refused_by_name() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    opened(&shop.pack("seal", "seal", &[], &["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES"]));
    let old = shop.pack("seal", "seal", &[], &["-legacy"]);
    assert!(matches!(refusal(&old, PASSPHRASE), ImportFault::OldEncryption { method: "RC2" }));
    let modern = shop.pack("seal", "seal", &[], &[]);
    assert!(matches!(refusal(&modern, "another"), ImportFault::Passphrase));
    assert!(matches!(refusal(&modern, "with\0zero"), ImportFault::Passphrase));
    let costly = shop.pack("seal", "seal", &[], &["-nomaciter", "-iter", "1"]);
    opened(&costly);
    // The rounds of the integrity check, 2048 unless told otherwise, as the last INTEGER of the file.
    let at = modern.len() - 2;
    assert_eq!(&modern[at - 2..], [2, 2, 8, 0], "the file ends with its rounds");
    let whole = [&modern[..at - 1], &[4, 0x7f, 0xff, 0xff, 0xff]].concat();
    let whole = grown(whole, 2);
    assert!(matches!(refusal(&whole, PASSPHRASE), ImportFault::TooManyRounds { .. }));
    for cut in [0, 1, 10, modern.len() / 2, modern.len() - 1] {
        assert!(matches!(refusal(&modern[..cut], PASSPHRASE), ImportFault::Unreadable), "{cut}");
    }
    assert!(matches!(refusal(&vec![0x30; 300_000], PASSPHRASE), ImportFault::TooLarge));
    assert!(matches!(refusal(&[0x30, 0x80].repeat(5_000), PASSPHRASE), ImportFault::Unreadable));
}

/// The same with `by` octets more in the two lengths around the end: the file's, and the integrity check's.
fn grown(mut file: Vec<u8>, by: u16) -> Vec<u8> {
    let length = u16::from_be_bytes([file[2], file[3]]) + by;
    assert_eq!(file[1], 0x82, "a length in two octets");
    file[2..4].copy_from_slice(&length.to_be_bytes());
    let mac = file.windows(2).rposition(|pair| pair[0] == 0x30 && (0x30..0x50).contains(&pair[1])).unwrap();
    let mac = file[..mac].windows(2).rposition(|pair| pair[0] == 0x30 && usize::from(pair[1]) > 0x30).unwrap_or(mac);
    file[mac + 1] += u8::try_from(by).unwrap();
    file
}

/// One element in DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = if content.len() < 128 { vec![length[1]] } else { [&[0x82], &length[..]].concat() };
    [&[tag][..], &length, &content].concat()
}

/// The file with an integrity check by PBMAC1 in place of its own, laid out as in RFC 9579 appendix A.1: OpenSSL writes them since 3.4. `more` is the
/// derivation's key length.
fn by_pbmac1(file: &[u8], derivation: &[u8], rounds: [u8; 2], more: &[u8]) -> Vec<u8> {
    // Behind the version: ContentInfo of data, of which every length takes two octets.
    let length = usize::from(u16::from_be_bytes([file[28], file[29]]));
    assert_eq!((file[7], file[26], &file[8..9]), (0x30, 0x04, &[0x82][..]), "laid out otherwise");
    let (info, octets) = (&file[7..30 + length], &file[30..30 + length]);
    let (salt, mut key) = ([7; 8], [0; 32]);
    let digest = openssl::hash::MessageDigest::sha256();
    openssl::pkcs5::pbkdf2_hmac(PASSPHRASE.as_bytes(), &salt, u16::from_be_bytes(rounds).into(), digest, &mut key).unwrap();
    let key = openssl::pkey::PKey::hmac(&key).unwrap();
    let value = openssl::sign::Signer::new(digest, &key).unwrap().sign_oneshot_to_vec(octets).unwrap();
    let hmac = der(0x30, &[&der(0x06, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09]]), &[0x05, 0x00]]);
    let parameters = der(0x30, &[&der(0x04, &[&salt]), &der(0x02, &[&rounds]), more, &hmac]);
    let derivation = der(0x30, &[&der(0x06, &[derivation]), &parameters]);
    let pbmac1 = der(0x06, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e]]);
    let algorithm = der(0x30, &[&pbmac1, &der(0x30, &[&derivation, &hmac])]);
    let mac = der(0x30, &[&der(0x30, &[&algorithm, &der(0x04, &[&value])]), &der(0x04, &[b"NOT USED"]), &[2, 1, 1]]);
    der(0x30, &[&[2, 1, 3], info, &mac])
}

#[test]
fn an_integrity_check_by_pbmac1_is_judged_and_one_of_another_kind_refused_by_name() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    let file = shop.pack("seal", "seal", &["sub", "root"], &[]);
    let pbkdf2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
    let good = by_pbmac1(&file, &pbkdf2, [8, 0], &[2, 1, 32]);
    assert_eq!(opened(&good).others.len(), 2);
    assert!(matches!(refusal(&good, "another"), ImportFault::Passphrase));
    let mut changed = good.clone();
    // In the first content's octets.
    changed[200] ^= 1;
    assert!(matches!(refusal(&changed, PASSPHRASE), ImportFault::Passphrase));
    let scrypt = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
    assert!(matches!(refusal(&by_pbmac1(&file, &scrypt, [8, 0], &[2, 1, 32]), PASSPHRASE), ImportFault::Integrity));
    // Without the key's length, and with one that is too short: neither protects anything (RFC 9579 section 5).
    for more in [&[][..], &[2, 1, 4]] {
        assert!(matches!(refusal(&by_pbmac1(&file, &pbkdf2, [8, 0], more), PASSPHRASE), ImportFault::Integrity), "{more:?}");
    }
}

#[test]
fn what_nss_exports_is_read_too() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    shop.pack("seal", "seal", &["sub", "root"], &["-name", "seal"]);
    std::fs::write(shop.path().join("w"), PASSPHRASE).unwrap();
    shop.tool("certutil", &["-N", "-d", "sql:.", "--empty-password"]);
    shop.tool("pk12util", &["-i", "out.p12", "-d", "sql:.", "-w", "w"]);
    shop.tool("pk12util", &["-o", "nss.p12", "-n", "seal", "-d", "sql:.", "-w", "w", "-c", "AES-256-CBC", "-C", "AES-256-CBC"]);
    let file = std::fs::read(shop.path().join("nss.p12")).unwrap();
    assert_eq!(file[1], 0x80, "NSS writes indefinite lengths");
    let found = opened(&file);
    examine(&found.certificate, &found.others, Use::Seal, now()).unwrap();
}

#[test]
fn a_file_without_key_or_with_anothers_is_refused() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    shop.certify("other", "sub", &EC, SEAL, "90");
    let passphrase = format!("pass:{PASSPHRASE}");
    shop.tool("openssl", &["pkcs12", "-export", "-nokeys", "-in", "seal.pem", "-passout", &passphrase, "-out", "nokey.p12"]);
    assert!(matches!(refusal(&std::fs::read(shop.path().join("nokey.p12")).unwrap(), PASSPHRASE), ImportFault::NoKey));
    shop.tool("openssl", &["pkcs12", "-export", "-nocerts", "-inkey", "seal.key", "-passout", &passphrase, "-out", "nocert.p12"]);
    assert!(matches!(refusal(&std::fs::read(shop.path().join("nocert.p12")).unwrap(), PASSPHRASE), ImportFault::NoCertificate));
    let key = openssl::pkey::PKey::private_key_from_pem(&std::fs::read(shop.path().join("seal.key")).unwrap()).unwrap();
    let other = openssl::x509::X509::from_der(&shop.der("other")).unwrap();
    let mut above = openssl::stack::Stack::new().unwrap();
    above.push(other).unwrap();
    let mismatched = openssl::pkcs12::Pkcs12::builder().pkey(&key).ca(above).build2(PASSPHRASE).unwrap().to_der().unwrap();
    assert!(matches!(refusal(&mismatched, PASSPHRASE), ImportFault::OtherKey));
}

#[test]
fn weak_keys_are_refused_by_name() {
    let shop = Shop::found();
    let refused = |name: &str, key: &[&str]| {
        shop.certify(name, "sub", key, SEAL, "90");
        examine(&shop.der(name), &[], Use::Seal, now()).unwrap_err().to_string()
    };
    assert!(refused("small", &["-newkey", "rsa:2048"]).contains("this has 2048"));
    assert!(refused("curve", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]).contains("curve"));
    assert!(refused("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]).contains("must be P-256"));
    shop.certify("small", "sub", &["-newkey", "rsa:2048"], SEAL, "90");
    assert!(matches!(refusal(&shop.pack("small", "small", &[], &[]), PASSPHRASE), ImportFault::WeakKey(_)));
}

#[test]
fn a_certificate_is_used_for_what_it_says_and_while_it_holds() {
    let shop = Shop::found();
    let examined = |name: &str, extensions: &str, purpose: Use| {
        shop.certify(name, "sub", &EC, extensions, "90");
        examine(&shop.der(name), &[], purpose, now())
    };
    let mail = "keyUsage=digitalSignature\nextendedKeyUsage=emailProtection\nsubjectAltName=email:post@elsewhere.example.dk\n";
    assert_eq!(examined("mail", mail, Use::Mail).unwrap().addresses, ["post@elsewhere.example.dk"]);
    examined("commits", "keyUsage=nonRepudiation\n", Use::Seal).unwrap();
    examined("says-nothing", "basicConstraints=CA:FALSE\n", Use::Seal).unwrap();
    for (extensions, purpose, wanted) in [
        ("keyUsage=keyEncipherment\n", Use::Seal, "key usage"),
        ("keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n", Use::Seal, "extended key usage"),
        ("keyUsage=digitalSignature\nextendedKeyUsage=critical,timeStamping\n", Use::Seal, "extended key usage"),
        ("keyUsage=nonRepudiation\nsubjectAltName=email:a@b.dk\n", Use::Mail, "key usage"),
        ("keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\nsubjectAltName=email:a@b.dk\n", Use::Mail, "extended key usage"),
        ("keyUsage=digitalSignature\nextendedKeyUsage=emailProtection\nsubjectAltName=DNS:b.dk\n", Use::Mail, "no mail address"),
        ("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,digitalSignature\n", Use::Seal, "authority's"),
    ] {
        let refused = examined("odd", extensions, purpose).unwrap_err().to_string();
        assert!(refused.contains(wanted), "{extensions} as {}: {refused}", purpose.word());
    }
    shop.certify("seal", "sub", &EC, SEAL, "90");
    for away in [-1, 91] {
        let refused = examine(&shop.der("seal"), &[], Use::Seal, now() + time::Duration::days(away)).unwrap_err();
        assert!(matches!(refused, ImportFault::OutsideValidity), "{away}: {refused}");
    }
    assert!(matches!(examine(b"no certificate", &[], Use::Seal, now()), Err(ImportFault::Certificate(_))));
}

#[test]
fn the_chain_builds_as_far_as_it_came() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    let judged = |name: &str, others: &[&str]| {
        let others: Vec<Vec<u8>> = others.iter().map(|name| shop.der(name)).collect();
        examine(&shop.der(name), &others, Use::Seal, now()).map(|examined| examined.chain.len())
    };
    assert_eq!(judged("seal", &[]).unwrap(), 0);
    assert_eq!(judged("seal", &["sub"]).unwrap(), 1);
    assert_eq!(judged("seal", &["root", "sub"]).unwrap(), 2, "in whatever order");
    assert!(matches!(judged("seal", &["root"]), Err(ImportFault::Stray { .. })), "what is between is missing");
    shop.certify("stranger", "stranger", &EC, "basicConstraints=critical,CA:TRUE\n", "90");
    assert!(matches!(judged("seal", &["sub", "stranger"]), Err(ImportFault::Stray { subject }) if subject.contains("stranger")));
    // Of the issuer's name, with another key.
    shop.certify("sub2", "root", &EC, "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n", "90");
    assert!(matches!(judged("seal", &["sub2"]), Err(ImportFault::Stray { .. })));
    shop.certify("own", "own", &EC, SEAL, "90");
    assert!(matches!(judged("own", &[]), Err(ImportFault::SelfSigned)));
    // Signed by somebody who may not certify.
    shop.certify("below-seal", "seal", &EC, SEAL, "90");
    let refused = judged("below-seal", &["seal", "sub", "root"]);
    assert!(matches!(refused, Err(ImportFault::Stray { .. } | ImportFault::Chain(_))), "{refused:?}");
    let tiny: Vec<Vec<u8>> = std::iter::repeat_n(shop.der("sub"), 9).collect();
    assert!(matches!(examine(&shop.der("seal"), &tiny, Use::Seal, now()), Err(ImportFault::TooLarge)));
}

/// An element of DER.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = if content.len() < 128 { vec![low] } else { vec![0x82, high, low] };
    [&[tag], &length[..], &content].concat()
}

fn identifier(dotted: &str) -> Vec<u8> {
    der::Encode::to_der(&der::asn1::ObjectIdentifier::new(dotted).unwrap()).unwrap()
}

fn integer(number: u64) -> Vec<u8> {
    der::Encode::to_der(&number).unwrap()
}

const SALT: [u8; 8] = [5; 8];
const VECTOR: [u8; 16] = [6; 16];

/// PBES2 with AES-256 by this derivation.
fn by(derivation: &str, parameters: &[&[u8]]) -> Vec<u8> {
    let parameters = element(0x30, &[&[&element(4, &[&SALT])[..]], parameters].concat());
    let derivation = element(0x30, &[&identifier(derivation), &parameters]);
    let scheme = element(0x30, &[&identifier("2.16.840.1.101.3.4.1.42"), &element(4, &[&VECTOR])]);
    element(0x30, &[&identifier("1.2.840.113549.1.5.13"), &element(0x30, &[&derivation, &scheme])])
}

fn pbkdf2(rounds: u64) -> Vec<u8> {
    by("1.2.840.113549.1.5.12", &[&integer(rounds)])
}

fn scrypt(cost: u64, block: u64, parallel: u64) -> Vec<u8> {
    by("1.3.6.1.4.1.11591.4.11", &[&integer(cost), &integer(block), &integer(parallel)])
}

fn bag(kind: &str, value: &[u8]) -> Vec<u8> {
    element(0x30, &[&identifier(&format!("1.2.840.113549.1.12.10.1.{kind}")), &element(0xa0, &[value])])
}

fn certificate_bag(der: &[u8]) -> Vec<u8> {
    let value = element(0xa0, &[&element(4, &[der])]);
    bag("3", &element(0x30, &[&identifier("1.2.840.113549.1.9.22.1"), &value]))
}

/// Encrypted content of bags, under PBKDF2 with HMAC-SHA-1.
fn encrypted(rounds: u64, bags: &[&[u8]]) -> Vec<u8> {
    let mut key = [0; 32];
    let digest = openssl::hash::MessageDigest::sha1();
    openssl::pkcs5::pbkdf2_hmac(PASSPHRASE.as_bytes(), &SALT, rounds.try_into().unwrap(), digest, &mut key).unwrap();
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let hidden = openssl::symm::encrypt(cipher, &key, Some(&VECTOR), &element(0x30, bags)).unwrap();
    let info = element(0x30, &[&identifier("1.2.840.113549.1.7.1"), &pbkdf2(rounds), &element(0x80, &[&hidden])]);
    let data = element(0x30, &[&integer(0), &info]);
    element(0x30, &[&identifier("1.2.840.113549.1.7.6"), &element(0xa0, &[&data])])
}

/// A whole file around contents; openssl derives the key of its integrity check.
fn whole(shop: &Shop, contents: &[&[u8]]) -> Vec<u8> {
    let safe = element(0x30, contents);
    let wide: Vec<u8> = PASSPHRASE.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let options = [format!("hexpass:{}", hex::encode(wide)), format!("hexsalt:{}", hex::encode(SALT))];
    let derive = ["kdf", "-keylen", "64", "-binary", "-out", "mac.key", "-kdfopt", "digest:SHA512", "-kdfopt", "id:3", "-kdfopt", "iter:7"];
    shop.tool("openssl", &[&derive[..], &["-kdfopt", &options[0], "-kdfopt", &options[1], "PKCS12KDF"]].concat());
    let key = openssl::pkey::PKey::hmac(&std::fs::read(shop.path().join("mac.key")).unwrap()).unwrap();
    let sha512 = openssl::hash::MessageDigest::sha512();
    let mac = openssl::sign::Signer::new(sha512, &key).unwrap().sign_oneshot_to_vec(&safe).unwrap();
    let digest = element(0x30, &[&identifier("2.16.840.1.101.3.4.2.3"), &[5, 0]]);
    let mac = element(0x30, &[&element(0x30, &[&digest, &element(4, &[&mac])]), &element(4, &[&SALT]), &integer(7)]);
    let content = element(0x30, &[&identifier("1.2.840.113549.1.7.1"), &element(0xa0, &[&element(4, &[&safe])])]);
    element(0x30, &[&integer(3), &content, &mac])
}

#[test]
fn what_a_passphrase_costs_is_counted_however_deep_it_is_hidden() {
    let shop = Shop::found();
    shop.certify("seal", "sub", &EC, SEAL, "90");
    let passphrase = format!("pass:{PASSPHRASE}");
    let certificate = certificate_bag(&shop.der("seal"));
    let shrouded = |more: &[&str]| {
        let pack = ["pkcs8", "-topk8", "-in", "seal.key", "-outform", "DER", "-out", "key.p8", "-passout", &passphrase];
        shop.tool("openssl", &[&pack[..], more].concat());
        bag("2", &std::fs::read(shop.path().join("key.p8")).unwrap())
    };
    // What is honest is opened there too, and openssl agrees that it is such a file.
    for more in [&["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "3000"][..], &["-scrypt"], &["-v1", "PBE-SHA1-3DES"]] {
        let key = shrouded(more);
        let file = whole(&shop, &[&encrypted(1000, &[&certificate, &bag("6", &element(0x30, &[&key]))])]);
        std::fs::write(shop.path().join("hidden.p12"), &file).unwrap();
        shop.tool("openssl", &["pkcs12", "-in", "hidden.p12", "-noout", "-passin", &passphrase]);
        assert_eq!(opened(&file).certificate, shop.der("seal"), "{more:?}");
        assert!(matches!(refusal(&file, "another"), ImportFault::Passphrase));
    }
    let hidden = |algorithm: &[u8]| bag("2", &element(0x30, &[algorithm, &element(4, &[&[9; 48]])]));
    let most = u64::from(u32::MAX >> 1);
    let old = element(0x30, &[&element(4, &[&SALT]), &integer(most)]);
    let old = element(0x30, &[&identifier("1.2.840.113549.1.12.1.3"), &old]);
    for algorithm in [pbkdf2(most), pbkdf2(u64::MAX >> 1), scrypt(1 << 14, 1, most), scrypt(1 << 14, 64, 8), old] {
        for bags in [hidden(&algorithm), bag("6", &element(0x30, &[&hidden(&algorithm)]))] {
            let file = whole(&shop, &[&encrypted(1000, &[&certificate, &bags])]);
            assert!(matches!(refusal(&file, PASSPHRASE), ImportFault::TooManyRounds { .. }), "{}", hex::encode(algorithm));
        }
    }
    // Each would do, all together not.
    let part = encrypted(400_000, &[&certificate]);
    assert!(matches!(refusal(&whole(&shop, &[&part[..]; 4]), PASSPHRASE), ImportFault::TooManyRounds { .. }));
    let many = vec![&certificate[..]; 65];
    assert!(matches!(refusal(&whole(&shop, &[&encrypted(1, &many)]), PASSPHRASE), ImportFault::TooLarge));
    let large = bag("1", &element(0x30, &[&vec![0; 5000]]));
    assert!(matches!(refusal(&whole(&shop, &[&encrypted(1, &[&large])]), PASSPHRASE), ImportFault::TooLarge));
}
