//! An NTP server on loopback whose time and manners a test sets.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use segl::platform::clock::Clock;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With a time so many milliseconds ahead of its clock.
    Ahead(i64),
    /// Says that it is not synchronised itself.
    Alarmed,
    /// With bytes that are no packet.
    Garbage,
    /// With a kiss-o'-death.
    Kissing,
    /// Not at all.
    Silent,
    /// To a question that nobody asked.
    Stranger,
    /// With a stratum that is none.
    Unstratified,
}

struct Shared {
    manner: Mutex<Manner>,
    clock: Mutex<Arc<dyn Clock>>,
    asked: AtomicUsize,
    stopped: AtomicBool,
}

/// The server, until it is dropped.
pub struct NtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl NtpServer {
    /// Serves the time of a clock.
    ///
    /// # Panics
    /// When there is no port.
    pub fn start(clock: Arc<dyn Clock>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let shared = Arc::new(Shared {
            manner: Mutex::new(Manner::Ahead(0)),
            clock: Mutex::new(clock),
            asked: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let serving = shared.clone();
        let thread = std::thread::spawn(move || serve(&socket, &serving));
        Self { address, shared, thread: Some(thread) }
    }

    /// Lines of `[timestamps]` that name it.
    pub fn settings(&self) -> String {
        format!("clock = \"ntp\"\nntp_server = \"{}\"\n", self.address)
    }

    /// Serves the time of another clock from now on.
    ///
    /// # Panics
    /// Never.
    pub fn follow(&self, clock: Arc<dyn Clock>) {
        *self.shared.clock.lock().unwrap() = clock;
    }

    /// Answers so from now on.
    ///
    /// # Panics
    /// Never.
    pub fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Drop for NtpServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // A last packet wakes the thread.
        let _sent = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(&[], self.address));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn serve(socket: &UdpSocket, shared: &Shared) {
    let mut buffer = [0; 512];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        shared.asked.fetch_add(1, Ordering::SeqCst);
        let answer = answer(shared, &buffer[..length]);
        let _gone = answer.map(|answer| socket.send_to(&answer, peer));
    }
}

fn answer(shared: &Shared, question: &[u8]) -> Option<Vec<u8>> {
    let manner = *shared.manner.lock().unwrap();
    let now = shared.clock.lock().unwrap().now().millis();
    let ahead = if let Manner::Ahead(ahead) = manner { ahead } else { 0 };
    let mut packet = vec![0; 48];
    // Version 4, mode 4; stratum 2; precision 2^-20 s.
    packet[..4].copy_from_slice(&[(4 << 3) | 4, 2, 6, 0xec]);
    packet[24..32].copy_from_slice(question.get(40..48)?);
    packet[32..40].copy_from_slice(&timestamp(now + ahead));
    packet[40..48].copy_from_slice(&timestamp(now + ahead));
    match manner {
        Manner::Ahead(_) => {}
        Manner::Alarmed => packet[0] |= 3 << 6,
        Manner::Garbage => packet = b"no packet".to_vec(),
        Manner::Kissing => {
            packet[1] = 0;
            packet[12..16].copy_from_slice(b"RATE");
        }
        Manner::Silent => return None,
        Manner::Stranger => packet[24] ^= 1,
        Manner::Unstratified => packet[1] = 16,
    }
    Some(packet)
}

/// Seconds since 1900 and a fraction (RFC 5905 section 6).
fn timestamp(unix_milliseconds: i64) -> [u8; 8] {
    let seconds = u64::try_from(unix_milliseconds.div_euclid(1000) + 2_208_988_800).unwrap() & 0xffff_ffff;
    let fraction = (u64::try_from(unix_milliseconds.rem_euclid(1000)).unwrap() << 32) / 1000;
    ((seconds << 32) | fraction).to_be_bytes()
}
