//! GnuTLS on the command line: certtool for lists, ocsptool for answers.

use super::{
    openssl::Desk,
    tools::{Said, run},
};

/// A list against the authority that it should be of, both on the desk in PEM.
pub async fn verify_list(desk: &Desk, list: &str) -> Said {
    let (list, authority) = (desk.file(list), desk.file("issuing.pem"));
    // certtool goes by the machine's clock, which a story's may be seconds ahead of.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let said = run("certtool", ["--verify-crl", "--load-ca-certificate", &authority, "--infile", &list]).await;
        if !said.words.contains("issued with a future date") || std::time::Instant::now() > deadline {
            return said;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// Makes a request for the certificate on the desk.
pub async fn request(desk: &Desk, request: &str, nonce: bool) -> Said {
    let (issuer, certificate, out) = (desk.file("issuing.pem"), desk.file("certificate.pem"), desk.file(request));
    let nonce = if nonce { "--nonce" } else { "--no-nonce" };
    run("ocsptool", ["--generate-request", nonce, "--load-issuer", &issuer, "--load-cert", &certificate, "--outfile", &out]).await
}

/// Checks an answer with the issuing authority as the anchor, and says what stands in it.
pub async fn verify_answer(desk: &Desk, answer: &str) -> Said {
    let (issuer, trust, answer) = (desk.file("issuing.pem"), desk.file("issuing.pem"), desk.file(answer));
    run("ocsptool", ["--verify-response", "--load-issuer", &issuer, "--load-trust", &trust, "--load-response", &answer]).await
}

/// What stands in an answer, without a judgement.
pub async fn read_answer(desk: &Desk, answer: &str) -> Said {
    run("ocsptool", ["--response-info", "--load-response", &desk.file(answer)]).await
}
