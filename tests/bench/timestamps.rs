//! Time stamps per second: the whole handler from bytes in to bytes out, but for the socket; beside them what openssl signs at all.

use actix_web::{
    http::{StatusCode, header},
    test, web,
};
use certs::timestamp::{Request, accept};
use segl::{app, router};

use crate::{
    issuing::Service,
    measure::{ROUNDS, Watch, report},
};

/// In one round.
const COUNT: usize = 2000;

/// P-256 signatures per second of one core, as `openssl speed` says.
fn signatures_per_second() -> f64 {
    let said = std::process::Command::new("openssl").args(["speed", "-seconds", "2", "ecdsap256"]).output().unwrap();
    let words = String::from_utf8(said.stdout).unwrap();
    let line = words.lines().find(|line| line.contains("(nistp256)")).unwrap_or_else(|| panic!("no P-256 in {words}"));
    line.split_whitespace().rev().nth(1).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no rate in {line}"))
}

/// Stamps and signatures, in turn, so that both see the same machine.
pub async fn run() {
    let service = Service::found(None).await;
    let app = test::init_service(router::application(web::Data::new(service.ground.clone()), app::who_is())).await;
    let request = Request::new([7; 32], Some(7));
    let query = request.to_der();
    let stamp = async || {
        let post = test::TestRequest::post().uri("/timestamp").insert_header((header::CONTENT_TYPE, "application/timestamp-query"));
        let answer = test::call_service(&app, post.set_payload(query.clone()).to_request()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        test::read_body(answer).await
    };
    accept(&stamp().await, &request).unwrap();
    let (mut rounds, mut shares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let raw = signatures_per_second();
        let watch = Watch::start();
        for _ in 0..COUNT {
            stamp().await;
        }
        let round = watch.stop(COUNT);
        shares.push(f64::from(u32::try_from(COUNT).unwrap()) / round.worked.as_secs_f64() / raw);
        rounds.push(round);
    }
    shares.sort_by(f64::total_cmp);
    report("time stamp (RFC 3161), all but the socket", &rounds);
    println!("| {:<58} | {:>10} | {:>13.0}% |", "... of what openssl signs per second (ecdsap256)", "", 100.0 * shares[ROUNDS / 2]);
}
