//! A door between the command and the server, which the test can shut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
    accepted: AtomicUsize,
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
                let port = accepting.server.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let shared = Arc::clone(&accepting);
                    thread::spawn(move || pass(from, to, &shared));
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

    /// Stops passing bytes on, or goes on with it.
    pub(crate) fn stall(&self, stalled: bool) {
        self.shared.stalled.store(stalled, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stall(false);
        self.cut();
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        while shared.stalled.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
