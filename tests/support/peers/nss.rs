//! NSS on the command line: a certificate database of its own, crlutil for lists, vfychain for certificates by list.

use super::{
    openssl::Desk,
    tools::{Said, run},
};

/// A database on the desk that trusts the root of the desk and knows its issuing authority.
pub async fn database(desk: &Desk) -> Said {
    let folder = desk.folder("nss");
    let made = run("certutil", ["-N", "-d", &folder, "--empty-password"]).await;
    if !made.is_content() {
        return made;
    }
    for (name, file, trust) in [("root", "root.pem", "CT,C,C"), ("issuing", "issuing.pem", ",,")] {
        let said = run("certutil", ["-A", "-d", &folder, "-n", name, "-t", trust, "-a", "-i", &desk.file(file)]).await;
        if !said.is_content() {
            return said;
        }
    }
    made
}

/// Takes a list up: NSS checks its signature against the authority that it knows.
pub async fn import_list(desk: &Desk, list: &str) -> Said {
    run("crlutil", ["-I", "-d", &desk.folder("nss"), "-t", "1", "-i", &desk.file(list)]).await
}

/// The certificate on the desk as a mail signer's, by the lists that were taken up, at a time (`YYMMDDHHMMZ`).
pub async fn verify(desk: &Desk, at: &str) -> Said {
    let rules = ["-pp", "-g", "leaf", "-h", "testLocalInfoFirst", "-m", "crl", "-s", "forbidFetching"];
    let what = ["-b", at, "-d", &desk.folder("nss"), "-u", "4", "-a", &desk.file("certificate.pem")];
    run("vfychain", rules.iter().chain(&what)).await
}
