//! Writes the table of the files under `assets/own` and `assets/vendor`, so that the binary carries them: path, content type, the first
//! 16 digits of the SHA-256, bytes. Refuses, with the command to run, while the design system has not been fetched.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use sha2::{Digest, Sha256};

/// The folders of `assets` that are embedded, in the order of the table.
const FOLDERS: [&str; 2] = ["own", "vendor"];

fn main() {
    if let Err(reason) = write_table() {
        println!("cargo::error={reason}");
        process::exit(1);
    }
}

fn write_table() -> Result<(), String> {
    let assets = PathBuf::from(cargo_variable("CARGO_MANIFEST_DIR")?).join("assets");
    let mut rows = String::new();
    for folder in FOLDERS {
        let root = assets.join(folder);
        println!("cargo::rerun-if-changed={}", root.display());
        if !root.is_dir() {
            return Err(format!("server/assets/{folder} is missing: run `./dev assets` once (needs node 18 and npm)"));
        }
        for file in files_below(&root).map_err(|error| format!("{}: {error}", root.display()))? {
            rows.push_str(&row(&assets, &file)?);
        }
    }
    let table = format!(
        "/// Path below `assets`, content type, first 16 hexadecimal digits of the SHA-256, bytes. Sorted by path.\n\
         pub static FILES: &[(&str, &str, &str, &[u8])] = &[\n{rows}];\n"
    );
    let target = PathBuf::from(cargo_variable("OUT_DIR")?).join("assets.rs");
    fs::write(&target, table).map_err(|error| format!("{}: {error}", target.display()))
}

#[expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through the environment")]
fn cargo_variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

/// All files below `folder` sorted by path, hidden ones left out.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else if entry.path().extension().is_none_or(|extension| extension != "ttf") {
                // Fonts for paper are embedded where paper is made, and served to nobody.
                found.push(entry.path());
            }
        }
    }
    found.sort_by(|left, right| left.as_os_str().cmp(right.as_os_str()));
    Ok(found)
}

fn row(assets: &Path, file: &Path) -> Result<String, String> {
    let content_type = content_type(file)?;
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let path = file.strip_prefix(assets).unwrap_or(file).to_string_lossy();
    let mut digest = String::new();
    for byte in &Sha256::digest(bytes)[..8] {
        let _ = write!(digest, "{byte:02x}");
    }
    let place = file.to_string_lossy();
    Ok(format!("    ({path:?}, {content_type:?}, {digest:?}, include_bytes!({place:?})),\n"))
}

fn content_type(file: &Path) -> Result<&'static str, String> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("ico") => Ok("image/vnd.microsoft.icon"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("md" | "txt") => Ok("text/plain; charset=utf-8"),
        Some("png") => Ok("image/png"),
        Some("svg") => Ok("image/svg+xml"),
        Some("woff2") => Ok("font/woff2"),
        Some(_) | None => Err(format!("{}: no content type is known for this kind of file; add it in server/build.rs", file.display())),
    }
}
