//! The commands of whoever runs the service: what they say, when they refuse, and that a reader who leaves early ends them quietly.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use support::{papers::fixture, program, program::segl, world::on_runtime};

use crate::program::{init, init_arguments};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Runs a command whose standard output nobody reads: exit code and complaints.
fn unheard<'a>(arguments: impl IntoIterator<Item = &'a str>) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(program::binary());
    let done = command.args(arguments).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn init_again_needs_no_answer_and_gives_a_new_link_until_an_operator_is_active() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let link = |words: &str| words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        let first = init(&data).await;
        first.must_say("Olga Operatør, olga@segl.example.dk");
        // Without a terminal there is nobody to ask, and nothing is asked.
        let again = segl(["init", "--data", &text(&data)]).await;
        again.must_say("Olga Operatør, olga@segl.example.dk");
        assert_ne!(link(&first.words), link(&again.words));
        let other = segl(["init", "--data", &text(&data), "--operator", "Ole Operatør", "--operator-email", "ole@segl.example.dk"]).await;
        other.must_say("Ole Operatør, ole@segl.example.dk");
        let kept = segl(["init", "--data", &text(&data), "--public-url", "https://other.example.dk"]).await;
        kept.must_say("is kept: its server.public_url is https://segl.example.dk, not https://other.example.dk");
        kept.must_say("Ole Operatør");
        let same = segl(init_arguments(&data)).await;
        assert!(same.is_content() && !same.words.contains("is kept"), "{}", same.words);
    });
}

#[test]
fn check_names_what_cannot_be_read_in_the_register() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        init(&data).await.must_say("/activate/");
        let row = |cvr: &str, status: &str| {
            format!(
                "{{\"cvr\":\"{cvr}\",\"legal_name\":\"A\",\"street\":\"B\",\"postal_code\":\"4220\",\"city\":\"C\",\"status\":\"{status}\"}}"
            )
        };
        let register = folder.path().join("register.json");
        std::fs::write(&register, format!("[{},{}]", row("30808460", "active"), row("26912865", "dreaming"))).unwrap();
        let file = data.join("segl.toml");
        let settings = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{settings}\n[register]\nfile = \"{}\"\n", text(&register))).unwrap();
        let said = segl(["check", "--data", &text(&data)]).await;
        said.must_say("warn  register     26912865: cannot be read as an entry of register.file");
        assert!(!said.words.contains("30808460"), "{}", said.words);
    });
}

#[test]
fn check_warns_while_backups_have_no_key_to_seal_to() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        init(&data).await.must_say("/activate/");
        let check = async || segl(["check", "--data", &text(&data)]).await;
        let bare = check().await;
        bare.must_say("warn  backup       no key to seal to: `segl backup-key FILE` makes one");
        bare.must_say("all is well");
        let made = segl(["backup-key", &text(&folder.path().join("safe.key"))]).await;
        let file = data.join("segl.toml");
        std::fs::write(&file, format!("{}\n{}", std::fs::read_to_string(&file).unwrap(), made.words)).unwrap();
        let sealed = check().await;
        sealed.must_say("ok    backup       sealed to");
        assert!(!sealed.words.contains("warn  backup"), "{}", sealed.words);
    });
}

#[test]
fn a_file_that_is_no_pdf_is_invalid_as_the_help_says() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        init(&data).await.must_say("/activate/");
        let said = segl(["verify", "--help"]).await;
        said.must_say("no PDF");
        said.must_say("exit 1");
        let file = folder.path().join("letter.pdf");
        for bytes in [b"Dear Anne".to_vec(), fixture("cairo")[..300].to_vec()] {
            std::fs::write(&file, bytes).unwrap();
            let said = segl(["verify", "--data", &text(&data), &text(&file)]).await;
            assert!(said.code == 1 && said.words.contains("letter.pdf"), "{}: {}", said.code, said.words);
        }
        assert_eq!(segl(["verify", "--data", &text(&data), &text(&folder.path().join("none.pdf"))]).await.code, 64);
    });
}

#[test]
fn nobody_who_listens_ends_no_command_with_a_panic() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| text(&folder.path().join(name));
        let data = file("data");
        init(&folder.path().join("data")).await.must_say("/activate/");
        let made = segl(["backup-key", &file("safe.key")]).await;
        let key = made.words.split('"').nth(1).unwrap().to_owned();
        segl(["backup", &file("first"), "--to", &key, "--data", &data]).await.must_say("sealed to");
        let (first, second, other_key, identity) = (file("first"), file("second"), file("other.key"), file("safe.key"));
        let restoring = ["restore", first.as_str(), "--identity", identity.as_str(), "--data", data.as_str()];
        let rehearsal = [&restoring[..], &["--rehearse"]].concat();
        for command in [
            vec!["audit", "verify", "--data", &data],
            vec!["check", "--data", &data],
            vec!["migrate", "--data", &data],
            vec!["backup", &second, "--to", &key, "--data", &data],
            vec!["backup-key", &other_key],
            vec!["init", "--data", &data],
            rehearsal,
        ] {
            let (code, complaints) = unheard(command.iter().copied());
            assert!(!complaints.contains("panicked"), "{command:?}: {complaints}");
            // As `head` makes other programs end: 128 + SIGPIPE.
            assert_eq!(code, Some(141), "{command:?}: {complaints}");
        }
        // What was to be done was done before it was told.
        assert!(folder.path().join("second").exists() && folder.path().join("other.key").exists());
        segl(["check", "--data", &data]).await.must_say("all is well");
    });
}
