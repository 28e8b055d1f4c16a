//! A door between the command and the server, which the test can shut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What a client that replicates sends in its first message.
const REPLICATING: &[u8] = b"\0replication\0database\0";

/// Passes bytes on, both ways, to a port of this machine.
#[derive(Debug)]
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    port: u16,
}

#[derive(Debug, Default)]
struct Shared {
    /// Where new connections lead.
    server: AtomicU16,
    open: Mutex<Vec<TcpStream>>,
    /// Nothing is passed on, and nothing is closed.
    stalled: AtomicBool,
    /// What the server answers is not passed on.
    silent: AtomicBool,
    accepted: AtomicUsize,
    trap: Mutex<Option<Trap>>,
    /// New connections wait, once one for replication was opened.
    holding: AtomicBool,
    replicating: AtomicBool,
    held: AtomicBool,
    /// So many connections more are told that the server starts.
    refusing: AtomicUsize,
}

/// Stalls when the client says something.
#[derive(Debug)]
struct Trap {
    words: &'static str,
    /// So many times it may say so before.
    spared: usize,
    moment: Moment,
}

/// When a trap stalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The server has not heard the words.
    Before,
    /// The server has heard them.
    After,
}

impl Proxy {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        shared.server.store(port, Ordering::SeqCst);
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.accepted.fetch_add(1, Ordering::SeqCst);
                accepting.hold();
                if accepting.refuse() {
                    thread::spawn(move || say_starting(client));
                    continue;
                }
                let port = accepting.server.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                for (from, to, heard) in [(&client, &server, true), (&server, &client, false)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let shared = Arc::clone(&accepting);
                    thread::spawn(move || pass(from, to, heard, &shared));
                }
                accepting.open.lock().unwrap().extend([client, server]);
            }
        });
        Self { shared, port: own }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// New connections lead to another port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.shared.server.store(port, Ordering::SeqCst);
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        for stream in self.shared.open.lock().unwrap().drain(..) {
            // One that has ended is cut already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Stops passing bytes on when the client has said these words so many times, and then once more.
    pub(crate) fn stall_at(&self, words: &'static str, spared: usize, moment: Moment) {
        *self.shared.trap.lock().unwrap() = Some(Trap {
            words,
            spared,
            moment,
        });
    }

    /// Whether it has stopped.
    pub(crate) fn is_stalled(&self) -> bool {
        self.shared.stalled.load(Ordering::SeqCst)
    }

    /// Has new connections wait, once one for replication was opened, or lets them go on.
    pub(crate) fn hold_behind_replication(&self, holding: bool) {
        self.shared.replicating.store(false, Ordering::SeqCst);
        self.shared.holding.store(holding, Ordering::SeqCst);
    }

    /// Answers this many connections as a server does that is starting.
    pub(crate) fn refuse(&self, connections: usize) {
        self.shared.refusing.store(connections, Ordering::SeqCst);
    }

    /// Whether a connection waits.
    pub(crate) fn holds(&self) -> bool {
        self.shared.held.load(Ordering::SeqCst)
    }

    /// Stops passing bytes on, or goes on with it.
    pub(crate) fn stall(&self, stalled: bool) {
        self.shared.silent.store(stalled, Ordering::SeqCst);
        self.shared.stalled.store(stalled, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.hold_behind_replication(false);
        self.stall(false);
        self.cut();
    }
}

impl Shared {
    /// When to stop for what the client says here, if at all.
    fn trapped(&self, said: &[u8]) -> Option<Moment> {
        let mut trap = self.trap.lock().unwrap();
        let set = trap.as_mut()?;
        if !said
            .windows(set.words.len())
            .any(|part| part == set.words.as_bytes())
        {
            return None;
        }
        if set.spared > 0 {
            set.spared -= 1;
            return None;
        }
        trap.take().map(|trap| trap.moment)
    }

    fn hold(&self) {
        while self.holding.load(Ordering::SeqCst) && self.replicating.load(Ordering::SeqCst) {
            self.held.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(5));
        }
        self.held.store(false, Ordering::SeqCst);
    }

    fn refuse(&self) -> bool {
        let fewer = |left: usize| left.checked_sub(1);
        self.refusing
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer)
            .is_ok()
    }
}

fn say_starting(mut client: TcpStream) {
    let mut request = [0; 1024];
    // A request for TLS comes first, and is answered by one letter.
    let read = client.read(&mut request).unwrap();
    if read == 8 {
        client.write_all(b"N").unwrap();
        let _ = client.read(&mut request).unwrap();
    }
    let fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
    let mut answer = vec![b'E'];
    answer.extend(u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    answer.extend(fields);
    client.write_all(&answer).unwrap();
}

fn pass(mut from: TcpStream, mut to: TcpStream, from_client: bool, shared: &Shared) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if bytes[..read]
            .windows(REPLICATING.len())
            .any(|part| part == REPLICATING)
        {
            shared.replicating.store(true, Ordering::SeqCst);
        }
        let trapped = from_client
            .then(|| shared.trapped(&bytes[..read]))
            .flatten();
        match trapped {
            Some(Moment::Before) => shared.stalled.store(true, Ordering::SeqCst),
            // The answer may come before this side has stopped.
            Some(Moment::After) => shared.silent.store(true, Ordering::SeqCst),
            None => {}
        }
        let waits = || {
            let silent = !from_client && shared.silent.load(Ordering::SeqCst);
            silent || shared.stalled.load(Ordering::SeqCst)
        };
        while waits() {
            thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
        if trapped == Some(Moment::After) {
            shared.stalled.store(true, Ordering::SeqCst);
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
