//! A pseudo-terminal, by Python's own `pty`: a program that asks there is answered, question by question.

use std::ffi::OsStr;

use super::tools::{self, Said};

/// Reads until the question stands there, then answers; gives everything that the terminal showed.
const TALK: &str = r"
import os, pty, select, sys, termios, time
split = sys.argv.index('--')
answers, command = sys.argv[1:split], sys.argv[split + 1:]
child, terminal = pty.fork()
if child == 0:
    os.execv(command[0], command)
shown, answered, deadline = b'', 0, time.time() + 60
while time.time() < deadline:
    if not select.select([terminal], [], [], 1)[0]:
        continue
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if answered < len(answers) and shown.endswith(b': '):
        # Nobody types as fast as a program: a secret waits until the terminal stopped showing what is typed.
        secret = any(word in shown.splitlines()[-1] for word in (b'assphrase', b'same again', b'not shown'))
        while secret and termios.tcgetattr(terminal)[3] & termios.ECHO and time.time() < deadline:
            time.sleep(0.001)
        os.write(terminal, answers[answered].encode() + b'\n')
        answered += 1
        shown += b'\n'
status = os.waitpid(child, 0)[1]
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status) if answered == len(answers) else 99)
";

/// Runs a program on a terminal and gives these answers to what it asks.
///
/// # Panics
/// When Python is missing: `./dev test` installs it.
pub async fn talk(answers: &[&str], program: &OsStr, arguments: &[&str]) -> Said {
    let mut whole: Vec<&OsStr> = vec![OsStr::new("-c"), OsStr::new(TALK)];
    whole.extend(answers.iter().map(OsStr::new));
    whole.extend([OsStr::new("--"), program]);
    whole.extend(arguments.iter().map(OsStr::new));
    tools::run("python3", whole).await
}
