//! An Octany whose API says that nobody has subscribed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use chrono::Utc;

const NOBODY: &str = r#"{"data":[],"pagination":{"total":0,"count":0,"per_page":20,"current_page":1,"total_pages":1,"links":[]}}"#;

/// Starts it, and gives its URL. It ends with the process.
///
/// # Panics
///
/// If no port is free.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who hung up asks again.
            drop(answer(stream));
        }
    });
    url
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = BufReader::new(stream.try_clone()?).lines();
    while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{NOBODY}",
        NOBODY.len(),
    )
}
