//! `./dev phone`: the demonstration serves phones over HTTPS beside HTTP, and one printed code pairs the window with one of its people.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use serde_json::json;
use support::{
    program::{Service, free_port},
    world::on_runtime,
};

use crate::{driver::Window, service::PIN};

/// `mobile/demo-phone`, with a shell in the place of the app that keeps what the app would be handed.
struct Helper {
    process: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Helper {
    fn start(url: &str, data: &Path, handed: &Path) -> anyhow::Result<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mobile/demo-phone");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        let keep = r#"cp "$2" "$0.part" && mv "$0.part" "$0" && exec setpriv --pdeathsig TERM -- sleep 300"#;
        command.args(["--", "sh", "-c", keep]).arg(handed).env("SEGL_URL", url).env("SEGL_DATA", data);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = BufReader::new(process.stdout.take().context("its words")?);
        Ok(Self { process, said })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        Ok(line)
    }

    fn enter(&mut self) -> anyhow::Result<()> {
        let mut keys = self.process.stdin.as_ref().context("its keys")?;
        Ok(keys.write_all(b"\n")?)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

#[test]
fn one_printed_code_pairs_the_window_with_a_person_of_the_demonstration() {
    on_runtime(async { demonstration().await.unwrap() });
}

async fn demonstration() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, handed, port, tls) = (folder.path().join("data"), folder.path().join("handed.json"), free_port(), free_port());
    let secure = format!("127.0.0.1:{tls}");
    let service = Service::start(&data, port, &["--demo", "--listen-tls", &secure], &folder.path().join("log")).await?;
    let mut helper = Helper::start(&format!("http://localhost:{port}"), &data, &handed)?;
    let printed = helper.line()?;
    anyhow::ensure!(printed.starts_with("anne.aadal: code ") && printed.contains(&format!(" at {secure},")), "{printed}");
    while !handed.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let window = Window::open_with("demo", tempfile::tempdir()?, &["--pair", &handed.display().to_string()]);
    window.press("Dansk");
    window.picture("handed");
    window.press("Fortsæt");
    window.says("Anne Ådal");
    window.fill("Navn på denne telefon", "Annes telefon");
    window.fill("PIN-kode", PIN);
    window.fill("PIN-kode igen", PIN);
    window.press("Fortsæt");
    let asked = helper.line()?;
    let digits = asked.strip_prefix("The service says ").and_then(|rest| rest.split_once('.')).context("no digits")?.0.to_owned();
    window.says(&digits);
    helper.enter()?;
    anyhow::ensure!(helper.line()?.starts_with("Paired."), "it is not paired");
    window.says("Dine signaturer");
    let login = json!({"user_id": "anne.aadal", "password": "Havnen-demo-2026"});
    let begun = service.client().post("/api/v1/logins", &login).await?.expect(201)?;
    window.press("Log på");
    window.fill("Tallet fra den anden skærm", &begun.string("/phone/number"));
    window.press("Godkend");
    window.says("Godkendt");
    let answer = json!({"login": begun.string("/login"), "carrier": "program"});
    service.client().post("/api/v1/logins/answer", &answer).await?.expect(201)?;
    Ok(())
}
