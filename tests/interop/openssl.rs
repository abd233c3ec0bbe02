//! openssl: paths with every list, OCSP, time stamps, the CMS in the PDF, our mails.

use anyhow::{Context as _, ensure};
use support::{
    papers::fixture,
    peers::{openssl::Desk, tools::run},
    pki::{Certificate, Surroundings},
};

use crate::{Scene, scene};

/// Every certificate of the scene's employee.
async fn certificates(scene: &Scene<'_>) -> anyhow::Result<Vec<Certificate>> {
    let mut found = Vec::new();
    for item in scene.bo.certificates().await? {
        let serial = item["serial"].as_str().context("a serial")?.to_owned();
        let whole = scene.bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
        found.push(Certificate(openssl::x509::X509::from_pem(whole.string("/pem").as_bytes())?));
    }
    Ok(found)
}

fn here(scene: &Scene<'_>, url: &str) -> String {
    url.replace(&scene.world.ground.config.server.pki_url, scene.world.client().base())
}

#[test]
fn openssl_verifies_every_certificate_strictly_with_all_lists_and_by_ocsp() {
    scene(async |scene| {
        let certificates = certificates(scene).await?;
        ensure!(certificates.len() == 3, "signing, mail and encryption");
        for certificate in &certificates {
            let desk = Desk::lay(scene.world, certificate).await?;
            desk.verify().await.must_say(": OK");
            desk.ocsp(&here(scene, &certificate.ocsp_url())).await.must_say(": good");
        }
        Ok(())
    });
}

#[test]
fn openssl_refuses_a_revoked_certificate_by_list_and_by_ocsp() {
    scene(async |scene| {
        let certificate = certificates(scene).await?.remove(0);
        let body = serde_json::json!({"reason": "keyCompromise"});
        scene.bo.http.post(&format!("/api/v1/certificates/{}/revocation", certificate.serial()), &body).await?.expect(200)?;
        let desk = Desk::lay(scene.world, &certificate).await?;
        let said = desk.ocsp(&here(scene, &certificate.ocsp_url())).await;
        said.must_say(": revoked");
        said.must_say("keyCompromise");
        scene.world.settle().await;
        Desk::lay(scene.world, &certificate).await?.verify().await.must_refuse("certificate revoked");
        Ok(())
    });
}

#[test]
fn openssl_refuses_a_certificate_one_bit_of_which_was_changed() {
    scene(async |scene| {
        let certificate = certificates(scene).await?.remove(0);
        let desk = Desk::lay(scene.world, &certificate).await?;
        let mut der = certificate.der();
        let at = der.windows(9).position(|window| window == "Bø Ærli".as_bytes()).context("the name")?;
        der[at] = b'C';
        desk.put("certificate.pem", &openssl::x509::X509::from_der(&der)?.to_pem()?);
        desk.verify().await.must_refuse("signature failure");
        Ok(())
    });
}

#[test]
fn openssl_accepts_our_time_stamps_and_refuses_another_digest() {
    scene(async |scene| {
        let signed = scene.bo.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
        let desk = Desk::lay(scene.world, &Certificate::of_signer(&signed)).await?;
        for name in ["right", "other"] {
            let data = desk.put(name, name.as_bytes()).display().to_string();
            let query = desk.file(&format!("{name}.tsq"));
            run("openssl", ["ts", "-query", "-data", &data, "-sha256", "-cert", "-out", &query]).await.must_say("");
        }
        let query = std::fs::read(desk.file("right.tsq"))?;
        let answer = scene.world.client().post_bytes("/timestamp", "application/timestamp-query", &query).await?.expect(200)?;
        desk.put("right.tsr", &answer.bytes);
        desk.timestamp("right.tsq", "right.tsr").await.must_say("Verification: OK");
        desk.timestamp("other.tsq", "right.tsr").await.must_refuse("FAILED");
        let nonsense = scene.world.client().post_bytes("/timestamp", "application/timestamp-query", b"nonsense").await?;
        desk.put("bad.tsr", &nonsense.bytes);
        run("openssl", ["ts", "-reply", "-in", &desk.file("bad.tsr"), "-text"]).await.must_say("Rejected");
        Ok(())
    });
}

#[test]
fn openssl_verifies_the_message_in_the_pdf_and_refuses_it_over_other_bytes() {
    scene(async |scene| {
        let signed = scene.bo.upload_and_sign("Kontrakt", &fixture("object-streams")).await?;
        let desk = Desk::lay(scene.world, &Certificate::of_signer(&signed)).await?;
        let (content, message) = parts(&signed)?;
        desk.put("message.der", &message);
        desk.put("content", &content);
        desk.detached("message.der", "content").await.must_say("CMS Verification successful");
        let mut broken = content.clone();
        broken[100] ^= 1;
        desk.put("content", &broken);
        desk.detached("message.der", "content").await.must_refuse("erification failure");
        Ok(())
    });
}

/// The signed bytes and the CMS message of the last signature, by nothing but its /ByteRange.
fn parts(pdf: &[u8]) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let at = pdf.windows(10).rposition(|window| window == b"/ByteRange").context("a /ByteRange")?;
    let text = String::from_utf8_lossy(&pdf[at..at + 120]).into_owned();
    let inside = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).context("an array")?.0;
    let numbers: Vec<usize> = inside.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [first, length, second, rest] = numbers[..] else { anyhow::bail!("{inside}") };
    ensure!(first == 0 && second + rest == pdf.len(), "the signature covers the whole file: {inside}");
    let hexadecimal = std::str::from_utf8(&pdf[length + 1..second - 1])?;
    let mut message = hex::decode(hexadecimal)?;
    // The room behind the message is filled with zeros.
    let size = 4 + usize::from(u16::from_be_bytes([message[2], message[3]]));
    ensure!(message[..2] == [0x30, 0x82] && message[size..].iter().all(|byte| *byte == 0), "one DER message and zeros");
    message.truncate(size);
    Ok(([&pdf[..length], &pdf[second..]].concat(), message))
}

#[test]
fn openssl_verifies_every_mail_and_refuses_a_changed_one() {
    scene(async |scene| {
        let signed = scene.bo.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
        scene.world.settle().await;
        let desk = Desk::lay(scene.world, &Certificate::of_signer(&signed)).await?;
        let mails = scene.world.mailbox.mail_files();
        ensure!(mails.len() >= 8, "{} mails", mails.len());
        for mail in &mails {
            desk.mail(mail).await.must_say("CMS Verification successful");
        }
        let text = std::fs::read_to_string(&mails[0])?;
        ensure!(text.contains("Havnens Bageri"), "{text}");
        let changed = desk.put("changed.eml", text.replacen("Havnens Bageri ApS", "Havnens Slagter", 2).as_bytes());
        desk.mail(&changed).await.must_refuse("erification failure");
        Ok(())
    });
}

#[test]
fn what_openssl_asks_in_its_own_ways_is_answered() {
    scene(async |scene| {
        let certificate = certificates(scene).await?.remove(0);
        let desk = Desk::lay(scene.world, &certificate).await?;
        // An unknown certificate of the same authority: its own authority, asked about by serial number.
        let request = desk.file("unknown.req");
        let issuing = desk.file("issuing.pem");
        let ask = ["ocsp", "-issuer", &issuing, "-serial", "0x1234567890", "-reqout", &request];
        run("openssl", ask).await.must_say("");
        let request = std::fs::read(&request)?;
        let posted = scene.world.client().post_bytes("/ocsp", "application/ocsp-request", &request).await?.expect(200)?;
        let path = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &request);
        let path = path.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let got = scene.world.client().get(&format!("/ocsp/{path}")).await?.expect(200)?;
        for (name, answer) in [("posted", &posted.bytes), ("got", &got.bytes)] {
            desk.put(name, answer);
            let said = run("openssl", ["ocsp", "-respin", &desk.file(name), "-noverify", "-resp_text"]).await;
            said.must_say("Cert Status: unknown");
        }
        let around = Surroundings::of(scene.world, &certificate).await?;
        ensure!(!around.lists(&certificate), "it is not revoked");
        Ok(())
    });
}
