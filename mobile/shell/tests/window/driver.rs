//! The real window under Xvfb, driven through WebKitWebDriver by the W3C protocol. Each test has its own display, driver and home.
//!
//! `tests/window` of the service drives the same window by it, against `segl serve`.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Window {
    agent: ureq::Agent,
    session: String,
    driver: Child,
    display: Child,
    pub home: tempfile::TempDir,
    name: &'static str,
}

/// A program that ends with us, even when we are killed: Drop does not run then.
fn tied(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--", "timeout", "-k", "5", "300", program]).process_group(0);
    command
}

/// The app: as the test command says, else that of this workspace.
fn binary() -> PathBuf {
    let own = option_env!("CARGO_BIN_EXE_segl-phone").map(PathBuf::from);
    let told = own.or_else(|| std::env::var_os("SEGL_PHONE_BINARY").map(PathBuf::from));
    let binary = told.expect("SEGL_PHONE_BINARY names the built app: ./dev phone-test does");
    assert!(binary.exists(), "{} is not built: ./dev phone-test does", binary.display());
    binary
}

impl Window {
    /// Opens the app; `home` is where it keeps what it has, so that it can be opened again.
    pub fn open(name: &'static str, home: tempfile::TempDir) -> Self {
        Self::open_with(name, home, &[])
    }

    /// The same with words on its command line.
    pub fn open_with(name: &'static str, home: tempfile::TempDir, arguments: &[&str]) -> Self {
        let mut command = tied("Xvfb");
        let screen = ["-displayfd", "1", "-screen", "0", "480x900x24", "-nolisten", "tcp"];
        let mut display = command.args(screen).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb is installed");
        let mut line = String::new();
        BufReader::new(display.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = |part: &str| {
            let path = home.path().join(part);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        std::fs::create_dir_all(home.path().join("config/gtk-3.0")).unwrap();
        std::fs::write(home.path().join("config/gtk-3.0/settings.ini"), "[Settings]\ngtk-enable-animations=0\n").unwrap();
        let mut command = tied("WebKitWebDriver");
        command.args(["--host=127.0.0.1", &format!("--port={port}")]).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("DISPLAY", format!(":{}", line.trim())).env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:").env("GDK_BACKEND", "x11").env("LIBGL_ALWAYS_SOFTWARE", "1");
        command.env("NO_AT_BRIDGE", "1").env("LANG", "C.UTF-8").env("XDG_DATA_HOME", folder("data"));
        command.env("XDG_CONFIG_HOME", folder("config")).env("XDG_CACHE_HOME", folder("cache"));
        let driver = command.spawn().expect("WebKitWebDriver is installed");
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
        let mut window = Self { agent: config.into(), session: format!("http://127.0.0.1:{port}"), driver, display, home, name };
        let options = json!({ "binary": binary(), "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let session = window.until("the session", || window.try_post("session", &wanted).ok());
        let id = session["sessionId"].as_str().unwrap().to_owned();
        window.session = format!("{}/session/{id}", window.session);
        window
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} did not come; the window says: {}", self.text());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let sent = self.agent.post(format!("{}/{path}", self.session)).send(serde_json::to_vec(body).unwrap());
        let mut answer = sent.map_err(|error| error.to_string())?;
        let value: Value = serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).map_err(|error| error.to_string())?;
        if answer.status() == 200 { Ok(value["value"].clone()) } else { Err(value["value"]["message"].to_string()) }
    }

    /// Runs script in the page.
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.try_post("execute/sync", &json!({ "script": script, "args": arguments })).unwrap_or(Value::Null)
    }

    /// All that the page says.
    pub fn text(&self) -> String {
        self.run("return document.body ? document.body.innerText : ''", &json!([])).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says it.
    pub fn says(&self, text: &str) {
        self.until(text, || self.text().contains(text).then_some(()));
    }

    fn element(&self, script: &str, name: &str) -> String {
        self.until(name, || self.run(script, &json!([name]))[ELEMENT].as_str().map(str::to_owned))
    }

    /// Presses the button that is called so, as a finger does, once it can be pressed.
    pub fn press(&self, name: &str) {
        let script = "return [...document.querySelectorAll('button:enabled, summary')].find((found) => \
                      found.textContent.trim().startsWith(arguments[0])) ?? null";
        self.until(name, || {
            let id = self.element(script, name);
            self.try_post(&format!("element/{id}/click"), &json!({})).ok()
        });
    }

    /// The same, of several that are called so: the one in here, by its selector.
    pub fn press_in(&self, place: &str, name: &str) {
        let script = "return [...document.querySelectorAll(arguments[0].split('|')[0] + ' button:enabled')].find((found) => \
                      found.textContent.trim() === arguments[0].split('|')[1]) ?? null";
        self.until(name, || {
            let id = self.element(script, &format!("{place}|{name}"));
            self.try_post(&format!("element/{id}/click"), &json!({})).ok()
        });
    }

    /// Types into the field with this label, by keys.
    pub fn fill(&self, label: &str, text: &str) {
        let script = "const label = [...document.querySelectorAll('label')].find((found) => found.textContent.trim() === arguments[0]); \
                      return label ? document.getElementById(label.htmlFor) : null";
        let id = self.element(script, label);
        self.try_post(&format!("element/{id}/clear"), &json!({})).unwrap();
        self.try_post(&format!("element/{id}/value"), &json!({ "text": text })).unwrap();
    }

    /// Puts text of several lines into the field with this label, as pasting does: keys would be sent one by one.
    pub fn paste(&self, label: &str, text: &str) {
        let script = "const label = [...document.querySelectorAll('label')].find((found) => found.textContent.trim() === arguments[0]); \
                      const field = document.getElementById(label.htmlFor); field.value = arguments[1]; \
                      field.dispatchEvent(new Event('input', { bubbles: true })); return true";
        self.until(label, || self.run(script, &json!([label, text])).as_bool());
    }

    /// Keeps a picture in `artifacts/phone`, once what changed is painted.
    pub fn picture(&self, name: &str) {
        let painted = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.try_post("execute/async", &json!({ "script": painted, "args": [] })).unwrap();
        let mut answer = self.agent.get(format!("{}/screenshot", self.session)).call().unwrap();
        let value: Value = serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap();
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(value["value"].as_str().unwrap()).unwrap();
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().find(|folder| folder.join("dev").is_file()).unwrap();
        let folder = root.join("artifacts/phone");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("window-{}-{name}.png", self.name)), bytes).unwrap();
    }

    /// Closes the app and opens it again in the same home.
    pub fn again(mut self) -> Self {
        let home = std::mem::replace(&mut self.home, tempfile::tempdir().unwrap());
        let name = self.name;
        drop(self);
        Self::open(name, home)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        for child in [&mut self.driver, &mut self.display] {
            // By the system call, which takes exactly this group: some versions of the program `kill` misread a negative id.
            let group = i32::try_from(child.id()).ok().filter(|id| *id > 1).and_then(Pid::from_raw);
            let _ = group.map(|group| kill_process_group(group, Signal::TERM));
            let _ = child.wait();
        }
    }
}
